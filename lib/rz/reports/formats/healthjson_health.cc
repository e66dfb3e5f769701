// application/health+json, draft-inadarei-api-health-check-06. It knows pass, warn and fail: what
// is not known is no pass, and its output says so.

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "rz/base/timestamp.h"
#include "rz/health/check_type.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/measurements.h"

namespace rz::reports {
namespace {

const char* pass_word(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return "pass";
    case HealthStatus::degraded: return "warn";
    case HealthStatus::unhealthy:
    case HealthStatus::unknown: return "fail";
  }
  return "fail";
}

// A colon separates the names of the component and of the measurement.
std::string key_of(std::string_view component, std::string_view measurement) {
  std::string key(component);
  std::replace(key.begin(), key.end(), ':', '_');
  std::string name(measurement);
  std::replace(name.begin(), name.end(), ':', '_');
  return key + ":" + name;
}

std::string_view component_type(std::string_view type) {
  for (const health::CheckType& one : health::check_types()) {
    if (one.name == type) return one.component_type;
  }
  return "component";
}

/// The member `checks`. A key that is there already is another measurement of the same thing:
/// values are lists. There may be thousands, so that none is searched for among the others.
class Entries {
 public:
  void append(std::string key, Value entry) {
    const auto [place, is_new] = places_.try_emplace(std::move(key), lists_.size());
    if (is_new) lists_.emplace_back(place->first, Value::array());
    lists_[place->second].second.push_back(std::move(entry));
  }
  Value take() { return Value(std::move(lists_)); }

 private:
  Value::Object lists_;
  std::map<std::string, std::size_t> places_;
};

// What does not count is no failure, and no pass either unless it is one; nor is what passed only
// when it was tried again.
const char* word_of(const ReportLine& line) {
  if (line.flaky()) return "warn";
  return line.counts() || line.healthy() ? pass_word(line.result.status) : "warn";
}

Value judged(const ReportLine& line) {
  const CheckResult& result = line.result;
  Value entry = Value::object({{"componentType", component_type(result.type)},
                               {"status", word_of(line)},
                               {"time", format_timestamp(result.timestamp)}});
  const bool known = result.status != HealthStatus::unknown;
  // A pass has no output.
  if (line.bad()) entry.set("output", (known ? "" : "unknown: ") + result.message);
  if (line.flaky()) entry.set("output", line.text());
  if (!line.counts() && !line.healthy()) {
    entry.set("output", std::string(to_string(result.status)) + ": " + line.text());
  }
  const Value* url = result.metadata.find("url");
  if (!line.healthy() && url != nullptr && url->as_string() != nullptr) {
    entry.set("affectedEndpoints", Value::array({*url}));
  }
  return entry;
}

void append_line(const ReportLine& line, Entries& checks) {
  const CheckResult& result = line.result;
  if (!line.has_check || result.skipped) {
    return checks.append(key_of(result.name, "status"), judged(line));
  }
  Value time = judged(line);
  time.set("observedValue", result.latency_ms);
  time.set("observedUnit", "ms");
  checks.append(key_of(result.name, "responseTime"), std::move(time));
  for (const Measurement& measured : measurements_of(result)) {
    if (!measured.value || measured.name == "latency") continue;
    Value entry = Value::object({{"componentType", component_type(result.type)},
                                 {"observedValue", *measured.value},
                                 {"time", format_timestamp(result.timestamp)}});
    if (!measured.unit.empty()) {
      entry.set("observedUnit", measured.unit == "%" ? "percent" : measured.unit);
    }
    checks.append(key_of(result.name, measured.name), std::move(entry));
  }
}

}  // namespace

void HealthJson::write(const HealthReport& report, Page& page) {
  const CheckReport all = report.with_components();
  Value document = Value::object({{"status", pass_word(all.status())}});
  document.set("description",
               "rz health" + (report.host.empty() ? std::string() : " on " + report.host));
  if (all.status() != HealthStatus::healthy) {
    const bool known = all.status() != HealthStatus::unknown;
    document.set("output", (known ? "" : "unknown: ") +
                               (all.results.empty() ? "no checks" : count_text(all)) +
                               (all.void_because.empty() ? "" : "; void: " + all.void_because));
  }
  Entries checks;
  for (const ReportLine& line : report.listed()) append_line(line, checks);
  document.set("checks", checks.take());
  page.json(document);
}

void HealthJson::write(const Failure& failure, Page& page) {
  page.json(
      Value::object({{"status", "fail"}, {"output", "unknown: " + to_string(failure.error)}}));
}

}  // namespace rz::reports
