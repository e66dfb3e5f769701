// An audit as JUnit: a case for each limit, as the reports of rz health have one for each check.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/xml.h"

namespace rz::reports {
namespace {

using history::LimitResult;
using history::LimitVerdict;

// A case that is an error where the history does not tell: no limit is kept then.
bool has_history_error(const AuditReport& report) {
  return !report.stats.audit.informed || !report.stats.complete();
}

std::string count_of(const AuditReport& report, LimitResult result) {
  auto count = std::count_if(report.limits.begin(), report.limits.end(),
                             [result](const auto& limit) { return limit.result == result; });
  if (result == LimitResult::unknown && has_history_error(report)) ++count;
  return std::to_string(count);
}

XmlWriter::Element audit_suite(std::string_view element, std::string name,
                               const AuditReport& report) {
  const std::size_t cases = report.limits.size() + (has_history_error(report) ? 1 : 0);
  return {element,
          {{"name", std::move(name)},
           {"tests", std::to_string(cases)},
           {"failures", count_of(report, LimitResult::broken)},
           {"errors", count_of(report, LimitResult::unknown)},
           {"time", "0.000000"}}};
}

XmlWriter::Element audit_case(std::string name) {
  return {"testcase", {{"name", std::move(name)}, {"classname", "rz.audit"}, {"time", "0.000000"}}};
}

std::string failure_message(const LimitVerdict& limit) {
  std::string message = limit.sentence;
  for (const std::string& line : record_lines(limit)) message += "; " + line;
  return message;
}

void write_limit_case(const LimitVerdict& limit, XmlWriter& xml) {
  const XmlWriter::Element test_case = audit_case(limit.name);
  const std::vector<std::pair<std::string_view, std::string>> attributes = {
      {"message", failure_message(limit)}, {"type", history::to_string(limit.result)}};
  switch (limit.result) {
    case LimitResult::kept:
    case LimitResult::warned: return xml.add(test_case);
    case LimitResult::unknown: return xml.add(test_case, {"error", attributes});
    case LimitResult::broken: return xml.add(test_case, {"failure", attributes});
  }
}

}  // namespace

void Junit::write(const AuditReport& report, Page& page) {
  XmlWriter xml(page);
  xml.open(audit_suite("testsuites", "rz transitions audit", report));
  XmlWriter::Element suite = audit_suite("testsuite", "rz.audit", report);
  suite.attributes.emplace_back("skipped", "0");
  std::string when = format_timestamp(report.stats.audit.window.end);
  when.resize(std::min(when.size(), std::string_view("2026-01-02T03:04:05").size()));
  suite.attributes.emplace_back("timestamp", when);
  xml.open(suite);
  if (has_history_error(report)) {
    xml.add(audit_case("history"),
            {"error", {{"message", conclusion_of(report)}, {"type", "unknown"}}});
  }
  for (const LimitVerdict& limit : report.limits) write_limit_case(limit, xml);
  xml.close();
  xml.close();
}

}  // namespace rz::reports
