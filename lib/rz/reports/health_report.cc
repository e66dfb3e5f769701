#include "rz/reports/health_report.h"

namespace rz::reports {

CheckReport HealthReport::with_components() const {
  CheckReport all = run;
  if (!unchecked) return all;
  for (const ComponentHealth& component : unchecked->components) {
    CheckResult result;
    result.name = component.name;
    result.type = "component";
    // Components call failed what checks call unhealthy.
    result.status = component.status == "failed"
                        ? HealthStatus::unhealthy
                        : parse_health_status(component.status).value_or(HealthStatus::unknown);
    result.message = component.message.empty() ? "reported " + component.status : component.message;
    result.timestamp = component.last_updated;
    all.results.push_back(std::move(result));
  }
  return all;
}

}  // namespace rz::reports
