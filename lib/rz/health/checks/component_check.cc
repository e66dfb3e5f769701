#include "rz/health/checks/component_check.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/component_registry.h"
#include "rz/health/component_run.h"

namespace rz::health {
namespace {

constexpr Range<Millis> kIntervalRange = {Millis{0}, std::chrono::hours{24 * 365}};
constexpr Range<Millis> kDurationRange = {Millis{1}, std::chrono::hours{24 * 365}};

HealthStatus status_of(const ComponentHealth& component) {
  if (component.status == "healthy") return HealthStatus::healthy;
  if (component.status == "degraded") return HealthStatus::degraded;
  return component.status == "failed" ? HealthStatus::unhealthy : HealthStatus::unknown;
}

std::string what_was_said(const ComponentHealth& report) {
  return report.message.empty() ? "reported " + report.status : report.message;
}

Micros age_of(TimePoint time, TimePoint now) { return std::max(now - time, Micros{0}); }

struct Verdict {
  HealthStatus status;
  std::string message;
};

/// What a report means at `now`: the worst that is true of it comes first.
class Judgement {
 public:
  Judgement(const ComponentCheckOptions& options, const ComponentHealth& report, TimePoint now)
      : options_(options), report_(report), now_(now) {}

  Verdict verdict() const {
    if (auto stuck = not_ended()) return *stuck;
    if (auto late = this->late()) return *late;
    const HealthStatus status = status_of(report_);
    if (status == HealthStatus::healthy) {
      if (auto slow = still_running()) return *slow;
      if (auto bad = bad_duration()) return *bad;
    }
    if (report_.running && report_.status == "unknown") {
      return {status, "started " + humanize_duration(running_for()) +
                          " ago; how a run ends is not known yet"};
    }
    return {status, what_was_said(report_)};
  }

  Micros running_for() const { return age_of(report_.running->started, now_); }
  std::int64_t missed() const {
    return missed_reports(age_of(report_.last_updated, now_), options_.interval, options_.grace);
  }

 private:
  std::optional<Millis> max_of(const ComponentRun& run) const {
    return options_.max_duration ? options_.max_duration : run.limits.max;
  }
  std::optional<Millis> min_of(const ComponentRun& run) const {
    return options_.min_duration ? options_.min_duration : run.limits.min;
  }

  std::optional<Verdict> not_ended() const {
    if (!report_.running) return std::nullopt;
    const Millis limit = max_of(*report_.running).value_or(Millis{0}) + options_.run_grace;
    if (limit <= Millis{0} || running_for() <= limit) return std::nullopt;
    return Verdict{HealthStatus::unhealthy,
                   "not ended: started " + humanize_duration(running_for()) +
                       " ago, expected to end within " + format_duration(limit)};
  }

  std::optional<Verdict> late() const {
    const std::int64_t missed = this->missed();
    if (missed == 0) return std::nullopt;
    std::string message =
        "late: last report " + humanize_duration(age_of(report_.last_updated, now_)) + " ago (" +
        what_was_said(report_) + "), expected every " + format_duration(options_.interval) + "; " +
        std::to_string(missed) + (missed == 1 ? " report is missing" : " reports are missing");
    if (report_.running)
      message += "; a run has lasted " + humanize_duration(running_for()) + " so far";
    return Verdict{HealthStatus::unhealthy, std::move(message)};
  }

  std::optional<Verdict> still_running() const {
    if (!report_.running) return std::nullopt;
    const auto max = max_of(*report_.running);
    if (!max || running_for() <= *max) return std::nullopt;
    return Verdict{HealthStatus::degraded, "too slow: running for " +
                                               humanize_duration(running_for()) +
                                               ", expected at most " + format_duration(*max)};
  }

  std::optional<Verdict> bad_duration() const {
    if (!report_.last_run || !report_.last_run->duration_seconds) return std::nullopt;
    const std::chrono::duration<double> took{*report_.last_run->duration_seconds};
    const auto max = max_of(*report_.last_run);
    const auto min = min_of(*report_.last_run);
    // The exact time: 1.4 s rounded down would read as what is allowed.
    const std::string time = format_duration(std::chrono::duration_cast<Millis>(took)) + " (" +
                             what_was_said(report_) + ")";
    if (max && took > *max) {
      return Verdict{HealthStatus::degraded,
                     "too slow: took " + time + ", expected at most " + format_duration(*max)};
    }
    if (!min || took >= *min) return std::nullopt;
    return Verdict{HealthStatus::degraded,
                   "too fast: took " + time + ", expected at least " + format_duration(*min)};
  }

  const ComponentCheckOptions& options_;
  const ComponentHealth& report_;
  const TimePoint now_;
};

void add_run(const ComponentHealth& report, const Judgement& judgement, Value& metadata) {
  if (report.running) {
    metadata.set("running_seconds", std::chrono::duration<double>(judgement.running_for()).count());
  }
  if (!report.last_run) return;
  const ComponentRun& run = *report.last_run;
  if (run.duration_seconds) metadata.set("duration_seconds", *run.duration_seconds);
  if (run.exit_code) metadata.set("exit_code", *run.exit_code);
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
    const TimePoint now = clock_.now();
    const ComponentHealth report = as_of(std::move(**component), now);
    const Judgement judgement(options_, report, now);
    const Micros age = age_of(report.last_updated, now);
    metadata.set("error_count", report.error_count);
    metadata.set("warning_count", report.warning_count);
    metadata.set("fallback_active", report.fallback_active);
    metadata.set("age_seconds", std::chrono::duration<double>(age).count());
    metadata.set("last_seen", format_timestamp(report.last_updated));
    if (options_.interval > Millis{0}) metadata.set("missed_reports", judgement.missed());
    if (report.missed_count > 0) metadata.set("missed_count", report.missed_count);
    add_run(report, judgement, metadata);
    Verdict verdict = judgement.verdict();
    return answer(verdict.status, std::move(verdict.message), std::move(metadata));
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
  std::optional<Millis>& max = options.max_duration;
  fields.duration({.key = "max_duration",
                   .sentence = "How long a run may take, from its start to its end.",
                   .example = "1h"},
                  max, kDurationRange);
  fields.duration({.key = "min_duration",
                   .sentence = "How long a run must take; a shorter one has done nothing.",
                   .example = "10s"},
                  options.min_duration, kDurationRange);
  fields.duration(
      {"run_grace", "How much longer than max_duration a run may go on without an end."},
      options.run_grace, kIntervalRange);
  if (options.min_duration && max && *options.min_duration > *max) {
    fields.error("min_duration", "is longer than 'max_duration', so that no run is right");
  }
  if (fields.has("grace") && !fields.has("interval")) {
    fields.error("grace", "has no effect without 'interval'; give both or remove it");
  }
}

const ComponentCheckOptions* check_of_component(const HealthOptions& health,
                                                std::string_view component) {
  for (const CheckSpec& spec : health.checks) {
    const auto* check = spec.get_if<ComponentCheckOptions>();
    if (check != nullptr && check->component == component && check->interval > Millis{0}) {
      return check;
    }
  }
  return nullptr;
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
