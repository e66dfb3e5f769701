// An audit as workflow commands of GitHub Actions: an annotation for each limit that is not kept.
// There are fewer limits than annotations that GitHub shows.

#include <string>

#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/github_commands.h"

namespace rz::reports {
namespace {

using history::LimitResult;

void annotate(const char* command, const std::string& title, const std::string& message,
              Page& page) {
  page.raw(std::string("::") + command + " title=" + github_property(title) +
           "::" + github_text(message) + "\n");
}

}  // namespace

void Github::write(const AuditReport& report, Page& page) {
  const std::string conclusion = conclusion_of(report);
  if (!report.stats.audit.informed || !report.stats.complete()) {
    annotate("error", "rz transitions audit could not tell", conclusion, page);
  }
  for (const history::LimitVerdict& limit : report.limits) {
    if (limit.result == LimitResult::kept) continue;
    const bool is_error = limit.result != LimitResult::warned;
    annotate(is_error ? "error" : "warning", limit.name + " is " + history::to_string(limit.result),
             limit.sentence, page);
  }
  page.line("rz transitions audit: ", conclusion);
}

}  // namespace rz::reports
