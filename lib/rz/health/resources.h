#pragma once

#include <optional>

#include "rz/health/health_state.h"

#pragma GCC visibility push(default)
namespace rz {

/// Percent used of each resource; nothing where it cannot be measured.
struct ResourceUsage {
  std::optional<double> cpu{};     ///< One-minute load average per core, times 100.
  std::optional<double> memory{};  ///< All that is not available for new programs.
  std::optional<double> disk{};    ///< Of `/`, as `df` shows it.
};

/// From which percentage on a resource is at warning, and critical.
struct ResourceLimits {
  // The load counts jobs that wait, too. A core with two jobs is busy; one with ten cannot keep up.
  double cpu_warning = 200, cpu_critical = 1000;
  double memory_warning = 80, memory_critical = 95;
  double disk_warning = 80, disk_critical = 95;
};

/// Measures this machine now, in well under a millisecond.
ResourceUsage measure_resources();

/// The `resources` section of the health state. The overall status is the worst that is known.
HealthState::Resources judge_resources(const ResourceUsage& usage,
                                       const ResourceLimits& limits = {});

}  // namespace rz
#pragma GCC visibility pop
