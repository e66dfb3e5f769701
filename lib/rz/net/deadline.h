#pragma once

#include <chrono>

#pragma GCC visibility push(default)
namespace rz {

/// The moment of the machine's own clock by which a call must have returned.
using Deadline = std::chrono::steady_clock::time_point;

}  // namespace rz
#pragma GCC visibility pop
