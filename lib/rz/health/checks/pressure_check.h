#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "rz/health/check_type.h"
#include "rz/health/machine/pressure.h"

namespace rz::health {

/// `type: pressure`: how much of the time tasks of this machine stand still for want of a CPU, of
/// memory or of a disk. All limits are percent of the window.
struct PressureCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "pressure";

  PressureWindow window = PressureWindow::minute;
  std::optional<double> cpu_warning = 80;  ///< Busy CPUs are no harm to what can wait.
  std::optional<double> cpu_critical;
  std::optional<double> memory_warning = 20;
  std::optional<double> memory_critical;
  std::optional<double> memory_full_warning;
  std::optional<double> memory_full_critical = 60;  ///< Where systemd-oomd begins to kill.
  std::optional<double> io_warning = 80;
  std::optional<double> io_critical;
  std::optional<double> io_full_warning, io_full_critical;
};

void visit_fields(FieldVisitor& fields, PressureCheckOptions& options);

/// Of `cpu`, `memory` or `io`.
using PressureMeter = std::function<Result<Pressure>(std::string_view resource)>;

/// Degraded from a warning limit on, unhealthy from a critical one; unknown where the kernel does
/// not tell. Metadata: cpu_some_percent, memory_some_percent, memory_full_percent, io_some_percent,
/// io_full_percent.
std::shared_ptr<HealthCheck> make_pressure_check(
    PressureCheckOptions options,
    PressureMeter meter = [](std::string_view resource) { return measure_pressure(resource); });
std::shared_ptr<HealthCheck> make_health_check(const PressureCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
