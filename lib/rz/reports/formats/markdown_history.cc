#include <string>

#include "rz/base/duration.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {
namespace {

using history::LimitResult;
using history::TimeKind;

void write_episode_table(const history::Audit& audit, Page& page) {
  if (audit.episodes.empty()) return;
  page.raw("\n");
  MarkdownTable table(
      page,
      {{"Degraded from"}, {"To"}, {"Length", true}, {"Ended"}, {"Worst"}, {"Reasons"}, {"By"}});
  for (const history::Episode& episode : audit.episodes) {
    table.row({begin_text(episode), end_text(episode), humanize_duration(episode.length),
               to_string(episode.counted_as()), to_string(episode.worst), reasons_text(episode),
               who_text(episode.actor, episode.host)});
  }
}

}  // namespace

void Markdown::write(const AuditReport& report, Page& page) {
  page.raw("**" + escape_markdown(conclusion_of(report)) + "**\n\n");
  page.raw(escape_markdown(window_text(report.stats.audit.window) + ", availability " +
                           availability_text(report.stats.audit.time)) +
           "\n\n");
  MarkdownTable table(page, {{"Limit"}, {"Found", true}, {"Allowed", true}, {"Result"}});
  for (const history::LimitVerdict& limit : report.limits) {
    table.row({limit.name, limit.found.text, limit.allowed.text, history::to_string(limit.result)});
  }
  for (const history::LimitVerdict& limit : report.limits) {
    if (limit.result == LimitResult::kept) continue;
    page.raw("\n" + escape_markdown(limit.name + ": " + limit.sentence) + "\n\n");
    for (const std::string& line : record_lines(limit)) {
      page.raw("- " + escape_markdown(line) + "\n");
    }
  }
  write_episode_table(report.stats.audit, page);
}

void Markdown::write(const StatsReport& report, Page& page) {
  MarkdownTable table(page, {{history::to_string(report.unit)},
                             {"Availability", true},
                             {"Heuristic", true},
                             {"Safe", true},
                             {"Unknown", true},
                             {"Transitions", true},
                             {"Flaps", true}});
  for (const history::Period& period : report.audit.periods) {
    table.row({history::calendar_label(period.when.begin, report.unit, report.zone),
               availability_text(period.time),
               humanize_duration(period.time.of(TimeKind::heuristic)),
               humanize_duration(period.time.of(TimeKind::safe)),
               humanize_duration(period.time.of(TimeKind::unknown)),
               std::to_string(period.transitions), std::to_string(period.flaps)});
  }
  write_episode_table(report.audit, page);
}

}  // namespace rz::reports
