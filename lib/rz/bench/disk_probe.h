#pragma once

#include <functional>

namespace rz::bench {

/// Measures the disk that TMPDIR is on: nanoseconds that 4 KiB take until they are written through
/// to it (fdatasync), in a file that nobody else sees. 0 where that cannot be told.
std::function<double()> disk_probe();

}  // namespace rz::bench
