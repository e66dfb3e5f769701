#pragma once

#include <limits>

#pragma GCC visibility push(default)
namespace rz {

/// From which percentage on a resource is at warning, and critical.
struct ResourceLimits {
  // A machine whose CPUs are always busy does what it was bought for. That alone is not critical.
  double cpu_warning = 90, cpu_critical = std::numeric_limits<double>::infinity();
  double memory_warning = 80, memory_critical = 95;
  double disk_warning = 80, disk_critical = 95;
};

}  // namespace rz
#pragma GCC visibility pop
