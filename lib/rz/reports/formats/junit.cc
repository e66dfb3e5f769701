// JUnit's XML, which servers of continuous integration read. It has no standard; this follows what
// github.com/testmoapp/junitxml describes as common: counts that add up, seconds with a dot, times
// without a zone, `failure` for what is not as it should be and `error` for what could not be
// determined.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/xml.h"

namespace rz::reports {
namespace {

std::string seconds(double milliseconds) { return fmt::format("{:.6f}", milliseconds / 1000); }

enum class Outcome { passed, failed, error, skipped };

Outcome outcome_of(const CheckResult& result) {
  if (result.skipped) return Outcome::skipped;
  switch (result.status) {
    case HealthStatus::healthy: return Outcome::passed;
    case HealthStatus::degraded:
    case HealthStatus::unhealthy: return Outcome::failed;
    case HealthStatus::unknown: return Outcome::error;
  }
  return Outcome::error;
}

// Those of a list of cases.
XmlWriter::Element suite(std::string_view element, std::string name, const CheckReport& run) {
  std::size_t count[4] = {};
  for (const CheckResult& result : run.results) ++count[static_cast<int>(outcome_of(result))];
  const auto number = [&count](Outcome outcome) {
    return std::to_string(count[static_cast<int>(outcome)]);
  };
  return {element,
          {{"name", std::move(name)},
           {"tests", std::to_string(run.results.size())},
           {"failures", number(Outcome::failed)},
           {"errors", number(Outcome::error)},
           {"skipped", number(Outcome::skipped)},
           {"time", seconds(run.duration_ms)}}};
}

void write_case(const CheckResult& result, XmlWriter& xml) {
  const XmlWriter::Element test_case{"testcase",
                                     {{"name", result.name},
                                      {"classname", "rz.health." + result.type},
                                      {"time", seconds(result.latency_ms)}}};
  const std::pair<std::string_view, std::string> message{"message", result.message};
  const std::pair<std::string_view, std::string> type{"type", to_string(result.status)};
  switch (outcome_of(result)) {
    case Outcome::passed: return xml.add(test_case);
    case Outcome::failed: return xml.add(test_case, {"failure", {message, type}});
    case Outcome::error: return xml.add(test_case, {"error", {message, type}});
    case Outcome::skipped: return xml.add(test_case, {"skipped", {message}});
  }
}

}  // namespace

void Junit::write(const HealthReport& report, Page& page) {
  const CheckReport run = report.with_components();
  std::string when = format_timestamp(run.timestamp);
  // JUnit's times have neither a zone nor a fraction.
  when.resize(std::min(when.size(), std::string_view("2026-01-02T03:04:05").size()));
  XmlWriter xml(page);
  xml.open(suite("testsuites", "rz health", run));
  XmlWriter::Element checks = suite("testsuite", "rz.health", run);
  checks.attributes.emplace_back("timestamp", when);
  xml.open(checks);
  for (const CheckResult& result : run.results) write_case(result, xml);
  xml.close();
  xml.close();
}

}  // namespace rz::reports
