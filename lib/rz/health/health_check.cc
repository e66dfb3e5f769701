#include "rz/health/health_check.h"

#include "rz/base/text.h"

namespace rz {

CheckResult HealthCheck::combine(const std::vector<const CheckResult*>&) {
  CheckResult result;
  result.message = "the check cannot combine the results of others";
  return result;
}

const char* to_string(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return "healthy";
    case HealthStatus::degraded: return "degraded";
    case HealthStatus::unhealthy: return "unhealthy";
    case HealthStatus::unknown: return "unknown";
  }
  return "unknown";
}

std::optional<HealthStatus> parse_health_status(std::string_view text) {
  for (const auto status : {HealthStatus::healthy, HealthStatus::degraded, HealthStatus::unhealthy,
                            HealthStatus::unknown}) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

HealthStatus worst(HealthStatus a, HealthStatus b) {
  // The order of Nagios: what is known to be bad outranks what is not known, which outranks what is
  // good.
  static constexpr HealthStatus kOrder[] = {HealthStatus::unhealthy, HealthStatus::degraded,
                                            HealthStatus::unknown, HealthStatus::healthy};
  for (const HealthStatus status : kOrder) {
    if (a == status || b == status) return status;
  }
  return HealthStatus::unknown;
}

}  // namespace rz
