#include <chrono>

#include "rz/base/error_value.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"

namespace rz::reports {
namespace {

Value summary(const CheckReport& run) {
  const StatusCounts counts(run);
  Value summary = Value::object();
  for (const auto status : {HealthStatus::healthy, HealthStatus::degraded, HealthStatus::unhealthy,
                            HealthStatus::unknown}) {
    summary.set(to_string(status), counts[status]);
  }
  if (counts.flaky() > 0) summary.set("flaky", counts.flaky());
  if (counts.uncounted() > 0) summary.set("uncounted", counts.uncounted());
  summary.set("total", run.results.size());
  return summary;
}

Value breaker_value(const BreakerState& breaker) {
  return Value::object({{"name", breaker.name},
                        {"state", to_string(breaker.phase)},
                        {"consecutive_failures", breaker.consecutive_failures},
                        {"failures_total", breaker.failures_total},
                        {"trips_total", breaker.trips_total},
                        {"changed", format_timestamp(breaker.changed)}});
}

Value unchecked_value(const health::Unchecked& unchecked, bool only_failed) {
  Value components = Value::array();
  for (const ComponentHealth& component : unchecked.components) {
    if (only_failed && component.status == "healthy") continue;
    components.push_back(to_value(component));
  }
  Value breakers = Value::array();
  for (const BreakerState& breaker : unchecked.breakers) {
    if (only_failed && breaker.phase == BreakerState::Phase::closed) continue;
    breakers.push_back(breaker_value(breaker));
  }
  // What a damaged record said is unknown, so it is listed by itself: nobody may take it for a good
  // one.
  Value unreadable = Value::array();
  for (const Error& error : unchecked.unreadable) unreadable.push_back(to_value(error));
  return Value::object({{"components", std::move(components)},
                        {"breakers", std::move(breakers)},
                        {"unreadable", std::move(unreadable)}});
}

}  // namespace

void Json::write(const HealthReport& report, Page& page) {
  Value checks = Value::array();
  for (const ReportLine& line : report.listed()) {
    if (!line.has_check) continue;
    Value check = to_value(line.result);
    if (!line.where.empty()) check.set("where", line.where);
    checks.push_back(std::move(check));
  }
  const CheckReport all = report.with_components();
  Value document = Value::object({{"schema", "rz.health/1"},
                                  {"status", to_string(all.status())},
                                  {"timestamp", format_timestamp(report.run.timestamp)},
                                  {"duration_ms", report.run.duration_ms},
                                  {"summary", summary(all)},
                                  {"checks", std::move(checks)}});
  if (!all.void_because.empty()) document.set("void", all.void_because);
  if (report.unchecked)
    document.set("unchecked", unchecked_value(*report.unchecked, report.only_failed));
  // No lists: an empty one would say that there is nothing.
  if (report.unchecked_error) {
    document.set("unchecked", Value::object({{"error", to_value(*report.unchecked_error)}}));
  }
  page.json(document);
}

void Json::write(const CheckList& list, Page& page) {
  Value checks = Value::array();
  for (const RegisteredCheck& check : list.checks) {
    const std::vector<std::string>& tags = check.options.tags;
    checks.push_back(
        Value::object({{"name", check.check->name()},
                       {"type", check.check->type()},
                       {"timeout_s", std::chrono::duration<double>(check.check->timeout()).count()},
                       {"tags", Value::Array(tags.begin(), tags.end())}}));
  }
  page.json(Value::object({{"schema", "rz.health.list/1"}, {"checks", std::move(checks)}}));
}

void Json::write(const HealthState& state, Page& page) {
  page.json("rz.health.state/1", to_value(state));
}

void Json::write(const ReportedComponent& reported, Page& page) {
  page.json("rz.health.report/1", to_value(reported.component));
}

void Json::write(const IngestedReports& ingested, Page& page) {
  Value components = Value::array();
  for (const ComponentHealth& component : ingested.components) {
    components.push_back(Value::object({{"name", component.name}, {"status", component.status}}));
  }
  page.json(Value::object({{"schema", "rz.health.ingest/1"},
                           {"ingested", static_cast<std::int64_t>(ingested.count)},
                           {"components", std::move(components)}}));
}

void Json::write(const FedBreaker& fed, Page& page) {
  page.json(Value::object({{"schema", "rz.health.record/1"},
                           {"breaker", fed.name},
                           {"state", to_string(fed.state.phase)},
                           {"consecutive_failures", fed.state.consecutive_failures},
                           {"trips_total", fed.state.trips_total}}));
}

void Json::write(const Forgotten& forgotten, Page& page) {
  page.json(Value::object(
      {{"schema", "rz.health.forget/1"}, {forgotten.kind, forgotten.name}, {"forgotten", true}}));
}

}  // namespace rz::reports
