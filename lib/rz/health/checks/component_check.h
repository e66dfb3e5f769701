#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/health/check_type.h"

namespace rz::health {

/// `type: component`: what the component last reported about itself (ComponentRegistry).
struct ComponentCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "component";

  std::string component;
  Millis interval{0};  ///< How often it must report; 0: a report is good however old it is.
  Millis grace{0};     ///< How much later than `interval` a report may be.
};

void visit_fields(FieldVisitor& fields, ComponentCheckOptions& options);

/// What a component last reported: its status (failed is unhealthy); unhealthy if the report is
/// older than interval and grace ("late"), degraded if it is from the future (as_of), unknown if
/// the component never reported, or if the store does not answer. Metadata: component, error_count,
/// warning_count, fallback_active, age_seconds.
std::shared_ptr<HealthCheck> make_component_check(ComponentCheckOptions options,
                                                  StorageSource storage, Clock& clock);
std::shared_ptr<HealthCheck> make_health_check(const ComponentCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
