#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "rz/health/health_state.h"

#pragma GCC visibility push(default)
namespace rz {

/// From which percentage on a resource is at warning, and critical.
struct ResourceLimits {
  // A machine whose CPUs are always busy does what it was bought for. That alone is not critical.
  double cpu_warning = 90, cpu_critical = std::numeric_limits<double>::infinity();
  double memory_warning = 80, memory_critical = 95;
  double disk_warning = 80, disk_critical = 95;
};

/// Percent used of each resource; nothing where it cannot be measured.
struct ResourceUsage {
  /// Of the CPUs, or of the quota of the control group, since a minute or two ago: 0 to 100.
  std::optional<double> cpu{};
  /// Of what the machine has, or the control group allows; all that is not available for new
  /// programs.
  std::optional<double> memory{};
  std::optional<double> disk{};  ///< Of `/`, as `df` shows it.
  /// The share of the last minute in which some process waited for a CPU.
  std::optional<double> cpu_pressure{};
};

/// Measures this machine, in well under a millisecond, whenever it is called. The use of the CPUs
/// is known once there is a measurement of a second ago or more. Copies share what they know.
class ResourceMeter {
 public:
  /// What is known of the CPUs is kept in `cpu_file` from process to process; empty: only in
  /// memory.
  explicit ResourceMeter(std::string cpu_file = "");

  ResourceUsage operator()() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// The `resources` section of the health state. The overall status is the worst that is known.
HealthState::Resources judge_resources(const ResourceUsage& usage,
                                       const ResourceLimits& limits = {});

}  // namespace rz
#pragma GCC visibility pop
