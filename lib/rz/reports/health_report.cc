#include "rz/reports/health_report.h"

#include <string>
#include <utility>

namespace rz::reports {
namespace {

CheckResult unknown(std::string name, std::string type, std::string message, TimePoint now) {
  CheckResult result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.message = std::move(message);
  result.timestamp = now;
  return result;
}

}  // namespace

CheckReport HealthReport::with_components() const {
  CheckReport all = run;
  if (unchecked_error) {
    all.results.push_back(unknown(kUncheckedName, "component", to_string(*unchecked_error), now));
  }
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
  for (const Error& error : unchecked->unreadable) {
    all.results.push_back(unknown(error.where, "record", error.message, now));
  }
  return all;
}

}  // namespace rz::reports
