#include "rz/health/component_registry.h"

#include <algorithm>
#include <map>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"
#include "rz/health/clock_ahead.h"
#include "rz/health/component_run.h"
#include "rz/health/stored_record.h"

namespace rz {
namespace {

const std::vector<std::string> kStatuses = {"healthy", "degraded", "failed", "started"};

std::string component_key(std::string_view name) { return std::string(kComponents).append(name); }

ComponentHealth decode_component(std::string_view name, const Value& record) {
  ComponentHealth component;
  component.name = name;
  component.status = to_lower(text_or(record, "status", "unknown"));
  component.message = text_or(record, "message");
  // A record without a time counts as never updated, and so as late: the cautious reading.
  component.last_updated = parse_timestamp(text_or(record, "last_updated")).value_or(TimePoint{});
  component.error_count = integer_or(record, "error_count");
  component.warning_count = integer_or(record, "warning_count");
  component.last_error = text_or(record, "last_error");
  component.fallback_active = component.status == "degraded";
  if (const Value* metadata = record.find("metadata")) component.metadata = *metadata;
  component.missed_count = integer_or(record, "missed_count");
  component.running = health::run_from(record.find("running"));
  component.last_run = health::run_from(record.find("last_run"));
  return component;
}

Result<void> check_status(std::string_view word) {
  const std::string status = to_lower(word);
  if (std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end()) return {};
  return fail(ErrorCode::invalid_argument,
              "'" + printable(word) +
                  "' is not a status of a component; use healthy, degraded, failed or started" +
                  suggestion(status, kStatuses));
}

// What was known of the component stays: nothing has come of this run yet. An older rz, which knows
// of no runs, goes on with that, too.
void take_start(ComponentHealth& component, const ComponentReport& report, TimePoint now) {
  component.running = report.run.value_or(ComponentRun{});
  if (!report.run) component.running->started = now;
  if (component.status == "unknown") component.message = report.message;
}

// Which run `report` ends: the one that it names, or the one that is going on without a name.
std::optional<ComponentRun> ended_run(ComponentHealth& component, const ComponentReport& report,
                                      TimePoint now) {
  std::optional<ComponentRun>& running = component.running;
  const std::string id = report.run ? report.run->id : "";
  if (report.run) {
    // One that began earlier was given up with the start of this one, which could not be reported.
    const bool over = running && (running->id == id || running->started < report.run->started);
    if (over) running.reset();
    return report.run;
  }
  if (!running) return std::nullopt;
  // Its program reports how it goes, and `rz health run` will say how it ended.
  if (!running->id.empty()) return component.last_run;
  ComponentRun ended = *std::exchange(running, std::nullopt);
  ended.ended = now;
  if (!health::is_ahead(ended.started, now)) {
    ended.duration_seconds =
        std::chrono::duration<double>(std::max(now - ended.started, Micros{0})).count();
  }
  return ended;
}

void take_report(ComponentHealth& component, const ComponentReport& report, TimePoint now) {
  const std::string status = to_lower(report.status);
  if (status == "started") return take_start(component, report, now);
  // The counters of the stored report continue; everything else is replaced.
  // A record whose time is lost does not tell how many are missing.
  if (component.last_updated != TimePoint{}) {
    component.missed_count +=
        health::missed_reports(now - component.last_updated, report.interval, report.grace);
  }
  component.last_run = ended_run(component, report, now);
  component.status = status;
  component.message = report.message;
  component.last_updated = now;
  component.fallback_active = status == "degraded";
  component.metadata = report.metadata;
  if (status == "failed") {
    ++component.error_count;
    component.last_error = report.message;
  } else if (status == "degraded") {
    ++component.warning_count;
  }
}

}  // namespace

Result<void> ComponentRegistry::check_name(std::string_view name) const {
  if (name.empty()) return fail(ErrorCode::invalid_argument, "a component needs a name");
  if (names_.empty() || std::find(names_.begin(), names_.end(), name) != names_.end()) return {};
  const std::string near = suggestion(name, names_);
  return fail(ErrorCode::invalid_argument,
              "component '" + printable(name) +
                  "' is not in health.components of the configuration" +
                  (near.empty() ? "; it has " + join(names_, ", ") : near));
}

// `others`: how many new ones the same commit adds before `name`. They are counted when the first
// new one comes, which is seldom.
Result<void> ComponentRegistry::make_room(std::string_view name, std::size_t others,
                                          std::optional<std::size_t>& stored) const {
  if (!most_) return {};
  if (!stored) {
    TRY_ASSIGN(const auto members, storage_.read_collection(kComponents));
    stored = members.size();
  }
  if (*stored + others < *most_) return {};
  return fail(ErrorCode::invalid_argument,
              "component '" + printable(name) + "' is one too many: there may be " +
                  std::to_string(*most_) +
                  " (health.max_components); remove some with rz health forget, or raise that");
}

Result<ComponentHealth> ComponentRegistry::report(std::string_view name,
                                                  const ComponentReport& report) {
  auto reported = report_all({{std::string(name), report}});
  if (!reported) return fail(std::move(reported).error());
  return std::move(reported->front());
}

Result<ComponentHealth> ComponentRegistry::report(std::string_view name, std::string_view status,
                                                  std::string message, std::optional<Millis> ttl,
                                                  Value metadata) {
  return report(name, ComponentReport{.status = std::string(status),
                                      .message = std::move(message),
                                      .ttl = ttl,
                                      .metadata = std::move(metadata)});
}

Result<std::vector<ComponentHealth>> ComponentRegistry::report_all(
    const std::vector<std::pair<std::string, ComponentReport>>& reports) {
  std::vector<std::string> names;
  std::map<std::string_view, std::vector<const ComponentReport*>> by_name;
  for (const auto& [name, report] : reports) {
    TRY(check_name(name));
    TRY(check_status(report.status));
    auto& of_name = by_name[name];
    if (of_name.empty()) names.push_back(name);
    of_name.push_back(&report);
  }
  std::vector<ComponentHealth> components(names.size());
  if (names.empty()) return components;
  std::optional<std::size_t> stored;
  std::size_t added = 0;
  const auto written = health::update_records(
      storage_, kComponents, names,
      [&](std::size_t i, const std::optional<Value>& before) -> Result<health::NewRecord> {
        if (i == 0) added = 0;  // A race was lost, and it begins anew.
        if (!before) TRY(make_room(names[i], added++, stored));
        ComponentHealth component = decode_component(names[i], before.value_or(Value::object()));
        // One that was never seen has no time to count from: its first report begins that.
        if (!before) component.last_updated = clock_.now();
        std::optional<Millis> ttl;
        for (const ComponentReport* report : by_name[names[i]]) {
          take_report(component, *report, clock_.now());
          ttl = report->ttl;
        }
        components[i] = component;
        return health::NewRecord{to_value(component), ttl};
      });
  if (!written) return fail(written.error());
  return components;
}

Result<std::optional<ComponentHealth>> ComponentRegistry::get(std::string_view name) const {
  const auto record = health::read_record(storage_, component_key(name));
  if (!record) return fail(record.error());
  if (!*record) return std::optional<ComponentHealth>{};
  return std::optional<ComponentHealth>(decode_component(name, **record));
}

Result<std::vector<ComponentHealth>> ComponentRegistry::list(std::vector<Error>& unreadable) const {
  const auto records = health::read_records(storage_, kComponents, unreadable);
  if (!records) return fail(records.error());
  std::vector<ComponentHealth> components;
  for (const auto& [name, record] : *records) components.push_back(decode_component(name, record));
  return components;
}

ComponentHealth as_of(ComponentHealth report, TimePoint now) {
  const bool updated_ahead = health::is_ahead(report.last_updated, now);
  const bool started_ahead = report.running && health::is_ahead(report.running->started, now);
  if (!updated_ahead && !started_ahead) return report;
  const TimePoint ahead = updated_ahead ? report.last_updated : report.running->started;
  const std::string said = report.message.empty() ? "reported " + report.status : report.message;
  if (report.status == "healthy") report.status = "degraded";
  report.message =
      std::string(updated_ahead ? "the report" : "the start of the run") + " is from the future (" +
      format_timestamp(ahead) + ", " + humanize_duration(ahead - now) +
      " ahead of this clock); set the clock that is wrong, and report again (" + said + ")";
  return report;
}

Result<bool> ComponentRegistry::remove(std::string_view name) {
  return storage_.remove(component_key(name));
}

}  // namespace rz
