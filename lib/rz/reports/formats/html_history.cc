#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/budget_chart.h"
#include "rz/reports/html/history_sections.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/mode_band.h"
#include "rz/reports/html/reason_table.h"

namespace rz::reports {
namespace {

using history::Episode;
using history::LimitResult;
using history::LimitVerdict;
using history::TimeKind;

constexpr std::size_t kEpisodesOfPage = 30;
constexpr std::size_t kReasonColumnsOfPage = 200;

void write_days(const StatsReport& report, HtmlPage& page) {
  const auto& days = report.audit.periods;
  if (days.empty()) return;
  const std::string unit = history::to_string(report.unit);
  page.section("days", report.unit == history::CalendarUnit::hour  ? "Hours"
                       : report.unit == history::CalendarUnit::day ? "Days"
                                                                   : "Weeks");
  std::string told = "The worst mode of each " + unit + ".";
  if (days.size() > kMostDays) {
    told += fmt::format(" The newest {} of {}.", kMostDays, days.size());
  }
  page.paragraph(told, "faint");
  page.raw(days_markup(report));
}

void write_budget(const history::ErrorBudget& budget, HtmlPage& page) {
  page.section("budget", "Error budget");
  page.paragraph(fmt::format("{} % over {}: {} may be spent, {} was spent, {} is left.",
                             format_double(budget.objective.slo),
                             humanize_duration(budget.objective.window),
                             humanize_duration(budget.budget), humanize_duration(budget.spent),
                             humanize_duration(budget.left())));
  page.raw(budget_chart(budget));
  if (budget.burn_rates.empty()) return;
  HtmlTable table(
      "How fast it is spent; 1 spends all of it in one window",
      {{"Over"}, {"Rate", "n"}, {"And over"}, {"Rate", "n"}, {"Limit", "n"}, {"Result"}});
  const auto rate = [](const std::optional<double>& value) {
    return html_cell(value ? fmt::format("{:.2f}", *value) : "-", "n");
  };
  for (const history::BurnRate& burn : budget.burn_rates) {
    table.row({html_cell(humanize_duration(burn.long_window)), rate(burn.long_rate),
               html_cell(humanize_duration(burn.short_window)), rate(burn.short_rate),
               html_cell(format_double(burn.factor), "n"),
               html_cell(burn.burns() ? "too fast" : "ok")});
  }
  page.raw(table.markup());
}

void write_episodes(const history::Audit& audit, HtmlPage& page) {
  page.section("episodes", "Episodes, the longest first");
  if (audit.episodes.empty()) {
    page.paragraph("None: the mode was never heuristic or safe, as far as is known.");
    return;
  }
  const std::vector<Episode> longest = longest_episodes(audit, kEpisodesOfPage);
  HtmlTable table(
      "Times in which the mode was not primary",
      {{"Length", "n"}, {"From", "t"}, {"To", "t"}, {"Ended"}, {"Worst"}, {"Reasons"}, {"By"}});
  for (const Episode& episode : longest) {
    table.row({html_cell(humanize_duration(episode.length), "n"),
               html_cell(begin_text(episode), "t"), html_cell(end_text(episode), "t"),
               html_cell(to_string(episode.counted_as())),
               html_cell(history::kind_of(episode.worst)),
               html_cell(ellipsize(printable(reasons_text(episode)), kReasonColumnsOfPage)),
               html_cell(printable(who_text(episode.actor, episode.host)))});
  }
  page.raw(table.markup());
  if (audit.episodes_total > longest.size()) {
    page.paragraph(fmt::format("And {} shorter ones.", audit.episodes_total - longest.size()),
                   "faint");
  }
}

void write_causes(const history::Audit& audit, HtmlPage& page) {
  if (audit.causes.empty()) return;
  page.section("causes", "Causes");
  HtmlTable table("Why the mode became worse, and what that cost",
                  {{"Time degraded", "n"}, {"Times", "n"}, {"Cause"}});
  for (const history::Cause& cause : audit.causes) {
    table.row({html_cell(humanize_duration(cause.degraded), "n"),
               html_cell(std::to_string(cause.count), "n"),
               html_cell(ellipsize(printable(cause.name), kReasonColumnsOfPage))});
  }
  page.raw(table.markup());
}

void write_times(const history::ModeTime& time, HtmlPage& page) {
  page.section("times", "Time in each mode");
  HtmlTable table("Together they are the window", {{"Mode"}, {"Time", "n"}, {"Share", "n"}});
  for (const TimeKind kind : history::kTimeKinds) {
    const auto share = static_cast<double>(time.of(kind).count()) /
                       static_cast<double>(std::max<std::int64_t>(time.total().count(), 1));
    table.row({html_cell(kind), html_cell(humanize_duration(time.of(kind)), "n"),
               html_cell(fmt::format("{:.3f} %", share * 100), "n")});
  }
  page.raw(table.markup());
}

char letter_of(LimitResult result) {
  switch (result) {
    case LimitResult::kept: return html_letter(TimeKind::primary);
    case LimitResult::warned: return html_letter(TimeKind::heuristic);
    case LimitResult::unknown: return html_letter(TimeKind::unknown);
    case LimitResult::broken: return html_letter(TimeKind::safe);
  }
  return html_letter(TimeKind::unknown);
}

HtmlCell result_cell(LimitResult result) {
  return {fmt::format("<span class=\"mode {}\">{}</span>", letter_of(result), to_string(result)),
          ""};
}

void write_limits(const std::vector<LimitVerdict>& limits, HtmlPage& page) {
  page.section("limits", "Limits");
  HtmlTable table("What was found, and what is allowed",
                  {{"Limit"}, {"Found", "n"}, {"Allowed", "n"}, {"Result"}});
  for (const LimitVerdict& limit : limits) {
    table.row({html_cell(limit.name, "t"), html_cell(limit.found.text, "n"),
               html_cell(limit.allowed.text, "n"), result_cell(limit.result)});
  }
  page.raw(table.markup());
  for (const LimitVerdict& limit : limits) {
    if (limit.result == LimitResult::kept) continue;
    page.paragraph(limit.name + ": " + limit.sentence + "; from:");
    std::string records = "<ul>\n";
    for (const std::string& line : record_lines(limit)) {
      records += "<li>" + html_text(line) + "</li>\n";
    }
    page.raw(records + "</ul>\n");
  }
}

void write_history(const StatsReport& report, HtmlPage& page) {
  const history::Audit& audit = report.audit;
  write_availability(audit, page);
  write_days(report, page);
  write_band(audit, page);
  if (audit.budget) write_budget(*audit.budget, page);
  write_episodes(audit, page);
  write_causes(audit, page);
  write_times(audit.time, page);
}

std::string script_data(const StatsReport& report) {
  ReasonTable reasons;
  const std::string band = band_data(report, reasons);
  return "{" + band + ",\"reasons\":" + reasons.json() + "}";
}

std::string days_zone(const StatsReport& report) {
  return report.zone_name.empty() ? std::string() : "; days are those of " + report.zone_name;
}

}  // namespace

void Html::write(const AuditReport& report, Page& page) {
  HtmlPage html(page, "Audit of the modes");
  html.raw(fmt::format("<p><span class=\"mode {}\">{}</span></p>\n", letter_of(report.result()),
                       html_text(conclusion_of(report))));
  html.paragraph(window_text(report.stats.audit.window) + days_zone(report.stats), "faint");
  write_remarks(report.stats, html);
  write_limits(report.limits, html);
  write_history(report.stats, html);
  html.finish(script_data(report.stats));
}

void Html::write(const StatsReport& report, Page& page) {
  HtmlPage html(page, "History of the modes");
  html.paragraph(window_text(report.audit.window) + days_zone(report), "faint");
  write_remarks(report, html);
  write_history(report, html);
  html.finish(script_data(report));
}

}  // namespace rz::reports
