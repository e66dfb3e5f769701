#include "rz/health/checks/component_check.h"

#include "rz/base/duration.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/component_registry.h"

namespace rz::health {
namespace {

constexpr Range<Millis> kIntervalRange = {Millis{0}, std::chrono::hours{24 * 365}};

HealthStatus status_of(const ComponentHealth& component) {
  if (component.status == "healthy") return HealthStatus::healthy;
  if (component.status == "degraded") return HealthStatus::degraded;
  return component.status == "failed" ? HealthStatus::unhealthy : HealthStatus::unknown;
}

class ComponentCheck final : public BasicCheck {
 public:
  ComponentCheck(ComponentCheckOptions options, StorageSource storage, Clock& clock)
      : BasicCheck(ComponentCheckOptions::kType, options),
        options_(std::move(options)),
        storage_(std::move(storage)),
        clock_(clock) {}

  const std::string& component() const override { return options_.component; }
  AskedParty asks() const override { return AskedParty::messenger; }

  CheckResult check() override {
    Value metadata = Value::object({{"component", options_.component}});
    const auto storage = storage_();
    if (!storage) return failed(storage.error(), metadata);
    auto component = ComponentRegistry(**storage, clock_).get(options_.component);
    if (!component) return failed(component.error(), metadata);
    if (!*component) {
      return answer(HealthStatus::unknown, "never seen: no report, or the last one was forgotten",
                    metadata);
    }
    const ComponentHealth report = as_of(std::move(**component), clock_.now());
    const Micros age = std::max(clock_.now() - report.last_updated, Micros{0});
    metadata.set("error_count", report.error_count);
    metadata.set("warning_count", report.warning_count);
    metadata.set("fallback_active", report.fallback_active);
    metadata.set("age_seconds", std::chrono::duration<double>(age).count());
    const std::string said = report.message.empty() ? "reported " + report.status : report.message;
    if (options_.interval > Millis{0} && age > options_.interval + options_.grace) {
      return answer(HealthStatus::unhealthy,
                    "late: last report " + humanize_duration(age) + " ago (" + said +
                        "), expected every " + format_duration(options_.interval),
                    metadata);
    }
    return answer(status_of(report), said, metadata);
  }

 private:
  ComponentCheckOptions options_;
  StorageSource storage_;
  Clock& clock_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, ComponentCheckOptions& options) {
  fields.text({.key = "component",
               .sentence = "The component, by the name that it uses with rz health report.",
               .example = "worker",
               .needed_by = "a component check",
               .when_empty = "is empty; name a component"},
              options.component);
  fields.duration({"interval", "How often it must report."}, options.interval, kIntervalRange);
  fields.duration({"grace", "How much later than interval a report may be; needs interval."},
                  options.grace, kIntervalRange);
  if (fields.has("grace") && !fields.has("interval")) {
    fields.error("grace", "has no effect without 'interval'; give both or remove it");
  }
}

std::shared_ptr<HealthCheck> make_component_check(ComponentCheckOptions options,
                                                  StorageSource storage, Clock& clock) {
  return std::make_shared<ComponentCheck>(std::move(options), std::move(storage), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const ComponentCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_component_check(options, dependencies.storage, dependencies.clock);
}

}  // namespace rz::health
