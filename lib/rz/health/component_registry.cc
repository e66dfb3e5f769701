#include "rz/health/component_registry.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/clock_ahead.h"
#include "rz/health/stored_record.h"

namespace rz {
namespace {

const std::vector<std::string> kStatuses = {"healthy", "degraded", "failed"};

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
  return component;
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

Result<ComponentHealth> ComponentRegistry::report(std::string_view name, std::string_view word,
                                                  std::string message, std::optional<Millis> ttl,
                                                  Value metadata) {
  if (auto valid = check_name(name); !valid) return fail(std::move(valid).error());
  const std::string status = to_lower(word);
  if (status != "healthy" && status != "degraded" && status != "failed") {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(word) +
                    "' is not a status of a component; use healthy, degraded or "
                    "failed" +
                    suggestion(status, kStatuses));
  }
  ComponentHealth reported;
  const auto written = health::update_record(
      storage_, kComponents, name,
      [&](const std::optional<Value>& before) -> Result<Value> {
        // The counters of the stored report continue; everything else is replaced.
        reported = decode_component(name, before.value_or(Value::object()));
        reported.status = status;
        reported.message = message;
        reported.last_updated = clock_.now();
        reported.fallback_active = status == "degraded";
        reported.metadata = metadata;
        if (status == "failed") {
          ++reported.error_count;
          reported.last_error = message;
        } else if (status == "degraded") {
          ++reported.warning_count;
        }
        return to_value(reported);
      },
      ttl);
  if (!written) return fail(written.error());
  return reported;
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
  if (!health::is_ahead(report.last_updated, now)) return report;
  const std::string said = report.message.empty() ? "reported " + report.status : report.message;
  if (report.status == "healthy") report.status = "degraded";
  report.message = "the report is from the future (" + format_timestamp(report.last_updated) +
                   ", " + humanize_duration(report.last_updated - now) +
                   " ahead of this clock); set the clock that is wrong, and report again (" + said +
                   ")";
  return report;
}

Result<bool> ComponentRegistry::remove(std::string_view name) {
  return storage_.remove(component_key(name));
}

}  // namespace rz
