#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/time_zone.h"
#include "rz/history/mode_time.h"

namespace rz::history {

/// What a history is divided into. Weeks begin on Monday (ISO 8601).
enum class CalendarUnit { hour, day, week };

/// `hour day week`.
const char* to_string(CalendarUnit unit);
std::optional<CalendarUnit> parse_calendar_unit(std::string_view text);

/// More periods than this are refused: ten years of hours.
inline constexpr std::size_t kMaxPeriods = 90'000;

/// The beginnings of the periods that `window` touches, by the clocks of `zone`, with its own two
/// ends as the first and the last. A day on which the clocks change has 23 or 25 hours.
/// Errors: invalid_argument for more than kMaxPeriods.
Result<std::vector<TimePoint>> calendar_bounds(const Interval& window, CalendarUnit unit,
                                               const TimeZone& zone);

/// `2026-10-25T02:00+02:00`, `2026-10-25`, `2026-W43`: the period that `time` is in.
std::string calendar_label(TimePoint time, CalendarUnit unit, const TimeZone& zone);

}  // namespace rz::history
