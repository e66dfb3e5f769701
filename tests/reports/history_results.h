#pragma once

#include <string>

#include "rz/base/timestamp.h"
#include "rz/history/auditor.h"
#include "rz/reports/history_report.h"

namespace rz::testing {

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline Transition audited_change(const char* time, Mode from, Mode to, std::int64_t epoch,
                                 std::string reason) {
  Transition record;
  record.timestamp = *parse_timestamp(time);
  record.from = from;
  record.to = to;
  record.epoch = epoch;
  record.reason = std::move(reason);
  record.trigger = trigger::kEvaluation;
  record.actor = "ops";
  record.host = "a";
  return record;
}

/// A day in primary but for half an hour in safe, for `reason`; its SLO is 99 %.
inline reports::StatsReport audited_day(const std::string& reason = "multiple_failures(2)") {
  history::AuditQuestion asked;
  asked.window = {*parse_timestamp("2026-01-01T00:00:00Z"),
                  *parse_timestamp("2026-01-02T00:00:00Z")};
  asked.periods = {asked.window.begin, asked.window.end};
  asked.objective = history::Objective{99, std::chrono::hours{24}};
  const history::KnownMode known{asked.window.begin - std::chrono::hours{48}, Mode::primary, 0};
  reports::StatsReport report;
  report.audit = history::audit_records(
      asked, known,
      {audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1, reason),
       audited_change("2026-01-01T06:30:00Z", Mode::safe, Mode::primary, 2, "recovered")});
  return report;
}

/// That day, over two of three limits.
inline reports::AuditReport audited_day_over() {
  reports::AuditReport report{audited_day()};
  report.limits = history::judge_limits(
      report.stats.audit, {.max_transitions = 5, .max_degraded = Millis{20 * 60'000}});
  return report;
}

}  // namespace rz::testing
