#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/health/check_type.h"
#include "rz/health/health_monitor.h"

namespace rz::health {

/// `type: component`: what the component last reported about itself (ComponentRegistry).
struct ComponentCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "component";

  std::string component;
  Millis interval{0};  ///< How often it must report; 0: a report is good however old it is.
  Millis grace{0};     ///< How much later than `interval` a report may be.
  /// How long a run may take, which begins with a report of `started`; nothing: as long as whoever
  /// started it said.
  std::optional<Millis> max_duration{};
  std::optional<Millis> min_duration{};  ///< How long it must take; nothing: as for max_duration.
  Millis run_grace{0};  ///< How much longer than `max_duration` it may go on without an end.
};

void visit_fields(FieldVisitor& fields, ComponentCheckOptions& options);

/// The first check of `component` that says how often it must report; nullptr: none does.
const ComponentCheckOptions* check_of_component(const HealthOptions& health,
                                                std::string_view component);

/// What a component last reported: its status (failed is unhealthy). Unhealthy if the report is
/// older than interval and grace ("late"), or if a run that started has not ended within
/// max_duration and run_grace ("not ended"). Degraded if the last run ended well but took longer
/// than max_duration ("too slow") or less than min_duration ("too fast"), if one goes on for longer
/// than max_duration, or if a time is in the future (as_of). Unknown if the component never
/// reported, or not how its first run ended, or if the store does not answer. Metadata: component,
/// error_count, warning_count, fallback_active, age_seconds, last_seen; of runs
/// running_seconds, duration_seconds and exit_code; missed_reports with an interval.
std::shared_ptr<HealthCheck> make_component_check(ComponentCheckOptions options,
                                                  StorageSource storage, Clock& clock);
std::shared_ptr<HealthCheck> make_health_check(const ComponentCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
