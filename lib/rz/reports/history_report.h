#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/base/time_zone.h"
#include "rz/history/audit.h"
#include "rz/history/calendar.h"
#include "rz/history/limits.h"
#include "rz/reports/writing/page.h"

namespace rz::reports {

/// What the history of a window tells.
struct StatsReport {
  history::Audit audit{};
  /// Of Audit::periods.
  history::CalendarUnit unit = history::CalendarUnit::day;
  TimeZone zone{};             ///< In which periods begin and are named.
  std::string zone_name{};     ///< Empty: that of the process.
  std::size_t unreadable = 0;  ///< Records that cannot be read.
  bool whole = true;           ///< Whether the history has all that this host knows of.
  bool ahead = false;          ///< Whether it has records of a time that has not come yet.

  /// Whether all of the history could be read.
  bool complete() const { return whole && !ahead && unreadable == 0; }
};

/// The same, judged by limits.
struct AuditReport {
  StatsReport stats{};
  std::vector<history::LimitVerdict> limits{};

  /// `unknown` where the history tells nothing, or could not be read whole.
  history::LimitResult result() const;
};

/// Why the history could not be read whole; empty: it could.
std::string incompleteness_of(const StatsReport& report);

/// `within`, `over` or `unknown`: the answer to whether all limits are kept.
const char* audit_answer(const AuditReport& report);

/// Why, as one line: `over 2 of 5 limits: max_degraded, max_flaps`. Printable.
std::string conclusion_of(const AuditReport& report);

/// `99.931 %`, rounded down, so that only what is whole is 100 %; `-` if nothing counts.
std::string availability_text(const history::ModeTime& time);

/// `2026-01-02T00:00:00Z to 2026-01-03T00:00:00Z (1d)`.
std::string window_text(const history::Interval& window);

/// `12m 5s`, or `-`.
std::string duration_or_dash(const std::optional<Micros>& duration);

/// A time to the second, in UTC.
std::string short_time(TimePoint time);

/// When an episode began; `before …` where only the earliest time is known at which it went on.
std::string begin_text(const history::Episode& episode);

/// When an episode ended; `-` if it has not, and `after …` where it is only known up to then.
std::string end_text(const history::Episode& episode);

/// `multiple_failures(2); circuit_open(9s); and 3 more`; `-` if none is known. Any bytes.
std::string reasons_text(const history::Episode& episode);

/// `ops on db1`; empty if neither is known. Any bytes.
std::string who_text(const std::string& actor, const std::string& host);

/// At most so many of the episodes, the longest first.
std::vector<history::Episode> longest_episodes(const history::Audit& audit, std::size_t most);

/// `primary -> safe: multiple_failures(2)`. Any bytes.
std::string transition_text(const Transition& record);

/// The records that a limit which is not kept comes from, a line each, and what is not among them.
/// Any bytes.
std::vector<std::string> record_lines(const history::LimitVerdict& limit);

Color color_of(history::TimeKind kind);
Color color_of(history::LimitResult result);

}  // namespace rz::reports
