#pragma once

#include <cstddef>

#include "rz/base/clock.h"

namespace rz::health {

// For checks that ask a program.

/// Nagios reads 8 KiB; a plugin with a value for each disk of a large machine writes more.
inline constexpr std::size_t kMaxProgramOutput = 64 * 1024;

/// How long run_process() takes, at most, to end a program that has used up its time: a second
/// between SIGTERM and SIGKILL, and a moment to read what is left.
inline constexpr Millis kProgramEndGrace{1'500};

}  // namespace rz::health
