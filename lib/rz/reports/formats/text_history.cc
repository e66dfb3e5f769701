#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/color_of.h"
#include "rz/reports/writing/text_table.h"
#include "rz/reports/writing/timeline.h"

namespace rz::reports {
namespace {

using history::Episode;
using history::LimitResult;
using history::LimitVerdict;
using history::ModeTime;
using history::TimeKind;

// The longest ones; a mail with a thousand is read by nobody.
constexpr std::size_t kEpisodesShown = 10;
constexpr std::size_t kCausesShown = 10;

std::string share_text(Micros part, const ModeTime& time) {
  const auto share = static_cast<double>(part.count()) / static_cast<double>(time.total().count());
  return fmt::format("{:.2f} %", share * 100);
}

void write_times(const ModeTime& time, Page& page) {
  TextTable table({{"MODE"}, {"TIME", true}, {"SHARE", true}});
  for (const TimeKind kind : history::kTimeKinds) {
    if (kind == TimeKind::maintenance && time.of(kind) == Micros{0}) continue;
    table.add({{history::to_string(kind), color_of(kind)},
               {humanize_duration(time.of(kind))},
               {share_text(time.of(kind), time)}});
  }
  table.print(page);
}

std::string recovery_text(const history::Recovery& recovery) {
  return fmt::format("mean {}, median {}, 90 % within {} (n = {})", duration_or_dash(recovery.mean),
                     duration_or_dash(recovery.median), duration_or_dash(recovery.p90),
                     recovery.complete);
}

void write_figures(const history::Audit& audit, Page& page) {
  page.line("availability     ", availability_text(audit.time));
  page.line("transitions      ", audit.transitions.total);
  page.line("flaps            ", audit.flaps.total, ", back within ",
            humanize_duration(audit.flap_window));
  page.line("episodes         ", audit.episodes_total, ": ", audit.recovery.complete,
            " recovered, ", audit.recovery.open, " open, ", audit.recovery.cut, " cut");
  page.line("time to recover  ", recovery_text(audit.recovery));
}

// What has to be known to believe the figures.
void write_remarks(const StatsReport& report, Page& page) {
  const history::RecordCounts& records = report.audit.records;
  const std::string problem = incompleteness_of(report);
  if (!problem.empty()) page.line("Not all of the history could be read: ", problem, ".");
  if (!report.audit.maintenance.empty()) {
    page.line("Taken out: ", counted(report.audit.maintenance.size(), "maintenance window"), ", ",
              humanize_duration(report.audit.time.of(TimeKind::maintenance)), " in all, with ",
              counted(records.planned, "transition"), ".");
  }
  if (records.gaps > 0) {
    page.line("Records are missing at ", counted(records.gaps, "place"),
              "; the time between is unknown.");
  }
  if (records.offline > 0) {
    page.line(counted(records.offline, "record"),
              " of a host that was cut off: not a mode of the system.");
  }
  if (records.restored > 0) {
    page.line("The store lost its memory, which was put back: ", counted(records.restored, "time"),
              ".");
  }
  if (records.out_of_order > 0) {
    page.line(counted(records.out_of_order, "record"),
              " with a time before the one before it, whose time counts.");
  }
}

// Two lines each: on 80 columns the times leave no room for reasons.
void write_episodes(const history::Audit& audit, Page& page) {
  if (audit.episodes.empty()) return;
  const std::vector<Episode> longest = longest_episodes(audit, kEpisodesShown);
  TextTable table({{"DEGRADED FROM"}, {"TO"}, {"LENGTH", true}, {"ENDED"}, {"WORST"}});
  for (const Episode& episode : longest) {
    table.add({{begin_text(episode)},
               {end_text(episode)},
               {humanize_duration(episode.length)},
               {to_string(episode.counted_as())},
               {to_string(episode.worst), color_of(episode.worst)}});
    const std::string who = who_text(episode.actor, episode.host);
    table.note((who.empty() ? "" : who + ": ") + reasons_text(episode));
  }
  page.line("");
  table.print(page);
  const std::size_t more = audit.episodes_total - longest.size();
  if (more > 0) page.line("… and ", more, " shorter ones");
}

void write_budget(const history::ErrorBudget& budget, Page& page) {
  page.line("");
  page.line("error budget of ", fmt::format("{} %", budget.objective.slo), " over ",
            humanize_duration(budget.objective.window), ": ", humanize_duration(budget.budget),
            "; spent ", humanize_duration(budget.spent), ", left ",
            humanize_duration(budget.left()));
}

void write_limits(const std::vector<LimitVerdict>& limits, Page& page) {
  TextTable table({{"LIMIT"}, {"FOUND", true}, {"ALLOWED", true}, {"RESULT"}});
  for (const LimitVerdict& limit : limits) {
    table.add({{limit.name},
               {limit.found.text},
               {limit.allowed.text},
               {history::to_string(limit.result), color_of(limit.result)}});
  }
  page.line("");
  table.print(page);
}

void write_violation(const LimitVerdict& limit, Page& page) {
  page.line("");
  page.line(Painted{limit.name, color_of(limit.result)}, ": ", limit.sentence);
  for (const std::string& line : record_lines(limit)) page.line("  ", line);
}

std::string period_title(history::CalendarUnit unit) {
  switch (unit) {
    case history::CalendarUnit::hour: return "HOUR";
    case history::CalendarUnit::day: return "DAY";
    case history::CalendarUnit::week: return "WEEK";
  }
  return "DAY";
}

void write_periods(const StatsReport& report, Page& page) {
  TextTable table({{period_title(report.unit)},
                   {"WORST"},
                   {"AVAILABLE", true},
                   {"HEURISTIC", true},
                   {"SAFE", true},
                   {"UNKNOWN", true},
                   {"CHANGES", true},
                   {"FLAPS", true}});
  for (const history::Period& period : report.audit.periods) {
    const TimeKind worst = period.time.worst().value_or(TimeKind::unknown);
    table.add({{history::calendar_label(period.when.begin, report.unit, report.zone)},
               {history::to_string(worst), color_of(worst)},
               {availability_text(period.time)},
               {humanize_duration(period.time.of(TimeKind::heuristic))},
               {humanize_duration(period.time.of(TimeKind::safe))},
               {humanize_duration(period.time.of(TimeKind::unknown))},
               {std::to_string(period.transitions)},
               {std::to_string(period.flaps)}});
  }
  page.line("");
  table.print(page);
}

void write_causes(const history::Audit& audit, Page& page) {
  if (audit.causes.empty()) return;
  TextTable table({{"DEGRADED", true}, {"TIMES", true}, {"CAUSE"}});
  for (std::size_t i = 0; i < std::min(kCausesShown, audit.causes.size()); ++i) {
    const history::Cause& cause = audit.causes[i];
    table.add({{humanize_duration(cause.degraded)}, {std::to_string(cause.count)}, {cause.name}});
  }
  page.line("");
  table.print(page);
}

void write_extremes(const history::Audit& audit, Page& page) {
  page.line("");
  if (!audit.longest_primary.empty()) {
    const history::Stretch& longest = audit.longest_primary.front();
    page.line("longest primary   ", humanize_duration(longest.length), ", from ",
              short_time(longest.when.begin), " to ", short_time(longest.when.end));
  }
  const std::vector<Episode> worst = longest_episodes(audit, 1);
  if (worst.empty()) {
    page.line("longest degraded  -");
    return;
  }
  const Episode& longest = worst.front();
  const bool open = longest.ended == history::EpisodeEnd::open;
  page.line("longest degraded  ", humanize_duration(longest.length), ", from ", begin_text(longest),
            open ? std::string(", and goes on") : " to " + end_text(longest));
  page.line("                  ", Painted{to_string(longest.worst), color_of(longest.worst)}, ": ",
            reasons_text(longest));
}

}  // namespace

void Text::write(const AuditReport& report, Page& page) {
  const history::Audit& audit = report.stats.audit;
  page.line(Painted{conclusion_of(report), color_of(report.result())});
  page.line(window_text(audit.window));
  page.line("");
  write_times(audit.time, page);
  page.line("");
  write_figures(audit, page);
  write_remarks(report.stats, page);
  if (audit.budget) write_budget(*audit.budget, page);
  write_limits(report.limits, page);
  for (const LimitVerdict& limit : report.limits) {
    if (limit.result != LimitResult::kept) write_violation(limit, page);
  }
  write_episodes(audit, page);
}

void Text::write(const StatsReport& report, Page& page) {
  const history::Audit& audit = report.audit;
  page.line(window_text(audit.window));
  page.line("");
  draw_timeline(audit, page);
  page.line("");
  write_times(audit.time, page);
  page.line("");
  write_figures(audit, page);
  write_remarks(report, page);
  write_extremes(audit, page);
  write_periods(report, page);
  write_causes(audit, page);
  write_episodes(audit, page);
}

}  // namespace rz::reports
