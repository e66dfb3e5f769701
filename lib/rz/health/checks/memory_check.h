#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "rz/health/check_type.h"
#include "rz/health/machine/memory_usage.h"

namespace rz::health {

/// `type: memory`: how much memory is left for programs.
struct MemoryCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "memory";

  double warning = 80;                             ///< Percent used, from which on it is degraded.
  double critical = 95;                            ///< Percent used, from which on it is unhealthy.
  std::optional<std::uint64_t> available_warning;  ///< Bytes; less than this is degraded.
  std::optional<std::uint64_t> available_critical;  ///< Bytes; less than this is unhealthy.
  std::optional<double> swap_warning;               ///< Percent of swap used.
  std::optional<double> swap_critical;
};

void visit_fields(FieldVisitor& fields, MemoryCheckOptions& options);

using MemoryMeter = std::function<Result<MemoryUsage>()>;

/// Memory that is not available for programs, against the machine's or, where that is less, the
/// limit of the control group (container, service). Unknown if it cannot be measured. Metadata:
/// used_percent, available_bytes, total_bytes, swap_used_percent, swap_total_bytes, limited.
std::shared_ptr<HealthCheck> make_memory_check(
    MemoryCheckOptions options, MemoryMeter meter = [] { return measure_memory(); });
std::shared_ptr<HealthCheck> make_health_check(const MemoryCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
