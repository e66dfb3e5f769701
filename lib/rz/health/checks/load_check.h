#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: load`: the load average of this machine, over 1, 5 and 15 minutes.
struct LoadCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "load";

  bool per_cpu = true;  ///< Whether the limits are those of one CPU.
  std::optional<double> load1_warning, load1_critical;
  std::optional<double> load5_warning = 2;
  std::optional<double> load5_critical = 10;
  std::optional<double> load15_warning, load15_critical;
};

void visit_fields(FieldVisitor& fields, LoadCheckOptions& options);

/// The load averages over 1, 5 and 15 minutes, and the CPUs of the machine.
struct LoadAverages {
  std::array<double, 3> load{};
  unsigned cpus = 1;
};

/// Errors: unavailable, own_side.
Result<LoadAverages> measure_load();

/// Degraded from a warning limit on, unhealthy from a critical one; unknown if the load cannot be
/// measured. Metadata: load1, load5, load15 (as they are judged), cpus, per_cpu.
std::shared_ptr<HealthCheck> make_load_check(
    LoadCheckOptions options, std::function<Result<LoadAverages>()> meter = measure_load);
std::shared_ptr<HealthCheck> make_health_check(const LoadCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
