#include "rz/reports/history_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::reports {

using history::LimitResult;
using history::LimitVerdict;
using history::TimeKind;

LimitResult AuditReport::result() const {
  if (!stats.audit.informed || !stats.complete()) return LimitResult::unknown;
  return history::worst_of(limits);
}

const char* audit_answer(const AuditReport& report) {
  switch (report.result()) {
    case LimitResult::kept:
    case LimitResult::warned: return "within";
    case LimitResult::unknown: return "unknown";
    case LimitResult::broken: return "over";
  }
  return "unknown";
}

std::string incompleteness_of(const StatsReport& report) {
  if (report.unreadable > 0) return counted(report.unreadable, "unreadable record");
  if (!report.whole) return "decisions of this host wait for the store";
  if (report.ahead) return "records have a time that has not come yet, as a clock was ahead";
  return {};
}

namespace {

std::string names_with(const std::vector<LimitVerdict>& limits, LimitResult result) {
  std::string names;
  for (const LimitVerdict& limit : limits) {
    if (limit.result == result) names += (names.empty() ? "" : ", ") + limit.name;
  }
  return names;
}

std::string count_with(const std::vector<LimitVerdict>& limits, LimitResult result) {
  const auto count = std::count_if(limits.begin(), limits.end(),
                                   [result](const auto& limit) { return limit.result == result; });
  return fmt::format("{} of {}", count, counted(limits.size(), "limit"));
}

}  // namespace

std::string conclusion_of(const AuditReport& report) {
  const StatsReport& stats = report.stats;
  const std::vector<LimitVerdict>& limits = report.limits;
  if (!stats.audit.informed) return "cannot tell: no record and no evaluation in the window";
  const LimitResult worst = history::worst_of(limits);
  std::string conclusion;
  if (worst == LimitResult::broken || worst == LimitResult::unknown) {
    conclusion = (worst == LimitResult::broken ? "over " : "cannot tell ") +
                 count_with(limits, worst) + ": " + names_with(limits, worst);
  } else {
    conclusion = "within " + counted(limits.size(), "limit");
    if (worst == LimitResult::warned) conclusion += ", but " + names_with(limits, worst);
  }
  const std::string problem = incompleteness_of(stats);
  if (!problem.empty()) return "cannot tell: " + problem + "; " + conclusion;
  return conclusion;
}

std::string availability_text(const history::ModeTime& time) {
  const auto availability = time.availability();
  if (!availability) return "-";
  // The least that is above a number with three decimals must not fall below it by rounding.
  return fmt::format("{:.3f} %", std::floor(*availability * 100'000 + 1e-6) / 1'000);
}

std::string short_time(TimePoint time) {
  std::string text = format_timestamp(time);
  const std::size_t dot = text.find('.');
  return dot == std::string::npos ? text : text.substr(0, dot) + "Z";
}

std::string window_text(const history::Interval& window) {
  return short_time(window.begin) + " to " + short_time(window.end) + " (" +
         humanize_duration(window.length()) + ")";
}

std::string duration_or_dash(const std::optional<Micros>& duration) {
  return duration ? humanize_duration(*duration) : "-";
}

std::string begin_text(const history::Episode& episode) {
  return (episode.begin_known ? "" : "before ") + short_time(episode.begin);
}

std::string end_text(const history::Episode& episode) {
  switch (episode.ended) {
    case history::EpisodeEnd::recovered: return short_time(episode.end);
    case history::EpisodeEnd::open: return "-";
    case history::EpisodeEnd::cut: return "after " + short_time(episode.end);
  }
  return "-";
}

std::string reasons_text(const history::Episode& episode) {
  if (episode.reasons.empty()) return "-";
  std::string text = join(episode.reasons, "; ");
  if (episode.more_reasons > 0) text += "; and " + std::to_string(episode.more_reasons) + " more";
  return text;
}

std::string who_text(const std::string& actor, const std::string& host) {
  // An actor that is named by its host says it itself.
  if (host.empty() || actor.find(host) != std::string::npos) return actor;
  return actor.empty() ? "on " + host : actor + " on " + host;
}

std::vector<history::Episode> longest_episodes(const history::Audit& audit, std::size_t most) {
  std::vector<history::Episode> longest = audit.episodes;
  std::stable_sort(longest.begin(), longest.end(),
                   [](const auto& a, const auto& b) { return a.length > b.length; });
  if (longest.size() > most) longest.resize(most);
  return longest;
}

std::string transition_text(const Transition& record) {
  return std::string(to_string(record.from)) + " -> " + to_string(record.to) + ": " + record.reason;
}

std::vector<std::string> record_lines(const LimitVerdict& limit) {
  std::vector<std::string> lines;
  if (limit.record_missing) {
    lines.emplace_back("before the oldest record of the history: it is not known why");
  }
  for (const Transition& record : limit.records) {
    lines.push_back(short_time(record.timestamp) + " " + transition_text(record));
  }
  if (limit.records_total > limit.records.size()) {
    lines.push_back("… and " + counted(limit.records_total - limit.records.size(), "more record"));
  }
  return lines;
}

Color color_of(TimeKind kind) {
  switch (kind) {
    case TimeKind::primary: return Color::green;
    case TimeKind::heuristic: return Color::yellow;
    case TimeKind::safe: return Color::red;
    case TimeKind::unknown: return Color::cyan;
    case TimeKind::maintenance: return Color::dim;
  }
  return Color::none;
}

Color color_of(LimitResult result) {
  switch (result) {
    case LimitResult::kept: return Color::green;
    case LimitResult::warned: return Color::yellow;
    case LimitResult::unknown: return Color::cyan;
    case LimitResult::broken: return Color::red;
  }
  return Color::none;
}

}  // namespace rz::reports
