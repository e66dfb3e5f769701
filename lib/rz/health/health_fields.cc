#include "rz/health/health_fields.h"

#include <cmath>
#include <limits>
#include <set>

#include "rz/base/text.h"
#include "rz/health/check_fields.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/retry_tracker.h"
#include "rz/metrics/sink_fields.h"

namespace rz::health {
namespace {

// A check on a component that may not report would wait for it for ever.
void visit_components(FieldVisitor& fields, HealthOptions& options) {
  const Field field = {
      "components",
      "The names that may report themselves with rz health report. Any other name is refused."};
  if (!fields.texts(field, options.components)) return;
  std::set<std::string> known;
  for (const std::string& name : options.components) {
    if (name.empty() || printable(name) != name) {
      fields.error("components", "a name is empty or holds characters that cannot be printed");
    } else if (!known.insert(name).second) {
      fields.error("components", "'" + name + "' is listed twice; keep one");
    }
  }
  if (options.components.empty()) return;
  for (const CheckSpec& spec : options.checks) {
    const auto* check = spec.get_if<ComponentCheckOptions>();
    if (check == nullptr || check->component.empty() || known.contains(check->component)) continue;
    fields.error("components", "does not list '" + printable(check->component) +
                                   "', which the check '" + printable(check->name) + "' names" +
                                   suggestion(check->component, options.components));
  }
}

// `[80%, 95%]`: from where on a resource is at warning, and critical; `[90%]` is never critical.
void visit_limits(FieldVisitor& fields, const Field& field, double& warning, double& critical) {
  std::vector<std::string> limits = {format_double(warning) + "%"};
  if (std::isfinite(critical)) limits.push_back(format_double(critical) + "%");
  if (!fields.texts(field, limits)) return;
  if (limits.empty() || limits.size() > 2) {
    return fields.error(field.key, "expected one or two percents, as [80%, 95%]");
  }
  std::vector<double> read;
  for (const std::string& text : limits) {
    const auto percent = parse_percent(text);
    if (!percent) return fields.error(field.key, percent.error().message);
    read.push_back(*percent);
  }
  warning = read.front();
  critical = read.size() == 2 ? read.back() : std::numeric_limits<double>::infinity();
  if (warning > critical) fields.error(field.key, "the first, for a warning, is above the second");
}

void visit_resources(FieldVisitor& fields, ResourceLimits& limits) {
  visit_limits(fields,
               {"cpu", "Of the CPUs. Without a second limit, busy ones are never critical."},
               limits.cpu_warning, limits.cpu_critical);
  visit_limits(fields, {"memory", "Of the memory."}, limits.memory_warning, limits.memory_critical);
  visit_limits(fields, {"disk", "Of the file system of /."}, limits.disk_warning,
               limits.disk_critical);
}

void visit_breaker(FieldVisitor& fields, BreakerOptions& options) {
  constexpr int kMaxThreshold = 1'000'000;
  fields.integer({"failure_threshold", "Failures in a row that open it."},
                 options.failure_threshold, {1, kMaxThreshold});
  fields.duration({"recovery_timeout", "How long it stays open before it is half open."},
                  options.recovery_timeout, kTimeoutRange);
  fields.integer({"success_threshold", "Successes in a row that close it from half open."},
                 options.success_threshold, {1, kMaxThreshold});
  fields.integer({"probes", "Calls that the library allows at a time while it is half open."},
                 options.probes, {1, kMaxThreshold});
}

}  // namespace

void visit_fields(FieldVisitor& fields, HealthOptions& options) {
  fields.duration({"timeout", "How long a run of all checks may take."}, options.timeout,
                  kTimeoutRange);
  fields.integer(
      {"concurrency",
       "How many checks run at the same time. Those of the network share a thread, each other one "
       "has its own, and there are at most 64 of these."},
      options.concurrency, {1, 1024});
  fields.duration({"failure_window", "How far back failed retries count, in whole seconds."},
                  options.failure_window, {std::chrono::seconds{1}, kLongestRetryWindow});
  visit_fields(fields, options.checks);
  visit_components(fields, options);
  fields.integer({"max_components",
                  "How many components there may be. A report of one more is refused, so that "
                  "a sender which names each report anew does not fill the store."},
                 options.max_components, {1, 100'000});
  fields.section({"resources",
                  "How much of this machine, or of the limits of its container, may be in use: "
                  "from where on that is a warning, and from where on it is critical."},
                 [&](FieldVisitor& resources) { visit_resources(resources, options.resources); });
  fields.section({"breaker", "The circuit breaker that rz health record feeds."},
                 [&](FieldVisitor& breaker) { visit_breaker(breaker, options.breaker); });
  metrics::visit_fields(fields, options.metrics);
}

}  // namespace rz::health
