#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/timestamp.h"
#include "rz/fallback/history/transition.h"
#include "rz/history/audit.h"

namespace rz::history {

/// `minute` minutes after a midnight.
inline TimePoint minute(std::int64_t minute) {
  return *parse_timestamp("2026-03-02T00:00:00Z") + std::chrono::minutes{minute};
}

inline TimePoint at(const char* time) { return *parse_timestamp(time); }

inline Micros minutes_long(std::int64_t minutes) { return std::chrono::minutes{minutes}; }

/// A record as rz writes one for a change of the mode.
inline Transition change(TimePoint time, Mode from, Mode to, std::int64_t epoch,
                         std::string reason = "r") {
  Transition record;
  record.timestamp = time;
  record.from = from;
  record.to = to;
  record.epoch = epoch;
  record.reason = std::move(reason);
  record.trigger = trigger::kEvaluation;
  record.actor = "ops";
  record.host = "a";
  return record;
}

/// A record that leaves the mode as it is: of a pin.
inline Transition pin(TimePoint time, Mode mode) {
  Transition record = change(time, mode, mode, 0, "by hand");
  record.epoch.reset();
  record.trigger = trigger::kPin;
  return record;
}

/// From minute `since` to minute `until`.
inline AuditQuestion question(std::int64_t since, std::int64_t until) {
  AuditQuestion question;
  question.window = {minute(since), minute(until)};
  return question;
}

}  // namespace rz::history
