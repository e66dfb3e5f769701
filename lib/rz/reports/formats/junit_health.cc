// JUnit's XML, which servers of continuous integration read. It has no standard; this follows what
// github.com/testmoapp/junitxml describes as common: counts that add up, seconds with a dot, times
// without a zone, `failure` for what is not as it should be and `error` for what could not be
// determined. Elements and attributes are those that the schema of Jenkins allows, which refuses a
// file with any other: `file` and `line` of a test case, which some writers have, are among these.
// So the place of a check is the text of what is bad about it, where a test has its stack trace:
// servers show that, and some make a link of its `FILE:LINE`.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/xml.h"

namespace rz::reports {
namespace {

std::string seconds(double milliseconds) { return fmt::format("{:.6f}", milliseconds / 1000); }

enum class Outcome { passed, failed, error, skipped };

Outcome outcome_of(const CheckResult& result) {
  // What does not count must not fail a build, nor pass for a test that was passed.
  if (result.skipped || !result.uncounted.empty()) return Outcome::skipped;
  switch (result.status) {
    case HealthStatus::healthy: return Outcome::passed;
    case HealthStatus::degraded:
    case HealthStatus::unhealthy: return Outcome::failed;
    case HealthStatus::unknown: return Outcome::error;
  }
  return Outcome::error;
}

// Those of a list of cases.
XmlWriter::Element suite(std::string_view element, std::string name,
                         const std::vector<ReportLine>& lines, double duration_ms) {
  std::size_t count[4] = {};
  for (const ReportLine& line : lines) ++count[static_cast<int>(outcome_of(line.result))];
  const auto number = [&count](Outcome outcome) {
    return std::to_string(count[static_cast<int>(outcome)]);
  };
  return {element,
          {{"name", std::move(name)},
           {"tests", std::to_string(lines.size())},
           {"failures", number(Outcome::failed)},
           {"errors", number(Outcome::error)},
           {"time", seconds(duration_ms)}}};
}

std::string skipped_count(const std::vector<ReportLine>& lines) {
  return std::to_string(std::count_if(lines.begin(), lines.end(), [](const ReportLine& line) {
    return outcome_of(line.result) == Outcome::skipped;
  }));
}

std::string skip_text(const ReportLine& line) {
  const CheckResult& result = line.result;
  if (result.skipped) return result.message;
  return std::string(to_string(result.status)) + ": " + line.text();
}

void write_case(const ReportLine& line, XmlWriter& xml) {
  const CheckResult& result = line.result;
  const XmlWriter::Element test_case{"testcase",
                                     {{"name", result.name},
                                      {"classname", "rz.health." + result.type},
                                      {"time", seconds(result.latency_ms)}}};
  const std::pair<std::string_view, std::string> message{"message", result.message};
  const std::pair<std::string_view, std::string> type{"type", to_string(result.status)};
  switch (outcome_of(result)) {
    case Outcome::passed:
      // As Surefire writes a test that passed when it was run again.
      if (line.flaky()) {
        return xml.add(test_case, {"flakyFailure", {message, {"type", "flaky"}}, line.where});
      }
      return xml.add(test_case);
    case Outcome::failed: return xml.add(test_case, {"failure", {message, type}, line.where});
    case Outcome::error: return xml.add(test_case, {"error", {message, type}, line.where});
    case Outcome::skipped:
      return xml.add(test_case, {"skipped", {{"message", skip_text(line)}}, line.where});
  }
}

}  // namespace

void Junit::write(const HealthReport& report, Page& page) {
  const std::vector<ReportLine> lines = report.listed();
  std::string when = format_timestamp(report.run.timestamp);
  // JUnit's times have neither a zone nor a fraction.
  when.resize(std::min(when.size(), std::string_view("2026-01-02T03:04:05").size()));
  XmlWriter xml(page);
  xml.open(suite("testsuites", "rz health", lines, report.run.duration_ms));
  XmlWriter::Element checks = suite("testsuite", "rz.health", lines, report.run.duration_ms);
  checks.attributes.emplace_back("skipped", skipped_count(lines));
  checks.attributes.emplace_back("timestamp", when);
  if (!report.host.empty()) checks.attributes.emplace_back("hostname", report.host);
  if (!report.config_path.empty()) checks.attributes.emplace_back("file", report.config_path);
  xml.open(checks);
  if (!report.host.empty()) {
    xml.open({"properties", {}});
    xml.add({"property", {{"name", "host"}, {"value", report.host}}});
    xml.close();
  }
  for (const ReportLine& line : lines) write_case(line, xml);
  xml.close();
  xml.close();
}

}  // namespace rz::reports
