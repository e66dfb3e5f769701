// For the summary of a step at GitHub, a pull request or a chat: one line that says it all, and a
// table with the worst on top.

#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {
namespace {

// Nothing was run for a component without a check, nor for a check that was skipped.
std::string latency_text(const ReportLine& line) {
  if (!line.has_check || line.result.skipped) return "-";
  return humanize_duration(Micros{static_cast<std::int64_t>(line.result.latency_ms * 1000)});
}

}  // namespace

// What counts without a check is in the same table: a reader elsewhere has no second one to look
// at. The name of the machine tells reports of several apart.
void Markdown::write(const HealthReport& report, Page& page) {
  const CheckReport all = report.with_components();
  const std::string host = report.host.empty() ? "" : " on " + report.host;
  page.raw("**" + escape_markdown(to_string(all.status()) + host + ": " + summary_text(all)) +
           "**\n");
  const std::vector<ReportLine> lines = worst_first(report.listed());
  if (lines.empty()) return;
  page.raw("\n");
  MarkdownTable table(page, {{"Status"}, {"Check"}, {"Latency", true}, {"Message"}});
  for (const ReportLine& line : lines) {
    table.row({to_string(line.result.status), line.result.name, latency_text(line), line.text()});
  }
}

}  // namespace rz::reports
