// TAP, the Test Anything Protocol, in version 13, which every reader knows; some refuse 14.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/measurements.h"

namespace rz::reports {
namespace {

// A `#` begins a directive: behind a bare `# TODO` a test that failed would count as passed.
std::string tap_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '#') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string yaml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

void write_test(const ReportLine& line, std::size_t number, Page& page) {
  const CheckResult& result = line.result;
  const std::string name = tap_text(result.name);
  if (result.skipped) {
    // A test that was not run is `ok` in TAP.
    page.raw(fmt::format("ok {} - {} # SKIP {}\n", number, name, tap_text(result.message)));
    return;
  }
  // A test to do may fail; one that passes is a surprise, which harnesses tell.
  const std::string to_do =
      line.counts() || line.healthy() ? "" : " # TODO " + tap_text(result.uncounted);
  page.raw(fmt::format("{} {} - {}{}\n", line.healthy() ? "ok" : "not ok", number, name, to_do));
  page.raw("  ---\n");
  page.raw(fmt::format("  message: {}\n", yaml_text(result.message)));
  page.raw(fmt::format("  status: {}\n", to_string(result.status)));
  page.raw(fmt::format("  type: {}\n", yaml_text(result.type)));
  if (line.has_check) page.raw(fmt::format("  duration_ms: {}\n", plain_number(result.latency_ms)));
  if (line.flaky()) page.raw("  flaky: true\n");
  page.raw("  ...\n");
}

}  // namespace

void Tap::write(const HealthReport& report, Page& page) {
  const std::vector<ReportLine> lines = report.listed();
  page.raw("TAP version 13\n");
  // A plan without tests needs a reason; without it the file counts as broken.
  if (lines.empty()) {
    const CheckReport all = report.with_components();
    page.raw(all.results.empty() ? "Bail out! no checks\n"
                                 : fmt::format("1..0 # SKIP {}\n", count_text(all)));
    return;
  }
  page.raw(fmt::format("1..{}\n", lines.size()));
  std::size_t number = 0;
  for (const ReportLine& line : lines) write_test(line, ++number, page);
}

void Tap::write(const Failure& failure, Page& page) {
  page.raw("TAP version 13\nBail out! " + printable(to_string(failure.error)) + "\n");
}

}  // namespace rz::reports
