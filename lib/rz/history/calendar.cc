#include "rz/history/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace rz::history {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::year_month_day;

constexpr std::array<std::pair<std::string_view, CalendarUnit>, 3> kUnits = {
    {{"hour", CalendarUnit::hour}, {"day", CalendarUnit::day}, {"week", CalendarUnit::week}}};

local_days monday_of(local_days day) {
  return day - (std::chrono::weekday{day} - std::chrono::Monday);
}

// An hour of the clock is an hour, also while the clocks change; only where they change by a part
// of an hour is one shorter.
TimePoint next_hour(TimePoint time, const TimeZone& zone) {
  const auto local = zone.to_local(time);
  return time + (floor<hours>(local) + hours{1} - local);
}

TimePoint next_day(TimePoint time, int step, const TimeZone& zone) {
  const local_days today = floor<days>(zone.to_local(time));
  local_days day = (step == 7 ? monday_of(today) : today) + days{step};
  // A zone that moved to the other side of the date line has a day that never was.
  while (zone.to_utc(day) <= time) day += days{1};
  return zone.to_utc(day);
}

TimePoint next_period(TimePoint time, CalendarUnit unit, const TimeZone& zone) {
  switch (unit) {
    case CalendarUnit::hour: return next_hour(time, zone);
    case CalendarUnit::day: return next_day(time, 1, zone);
    case CalendarUnit::week: return next_day(time, 7, zone);
  }
  return time + days{1};
}

std::string date_text(local_days day) {
  const year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// ISO 8601: the week belongs to the year that has its Thursday.
std::string week_text(local_days day) {
  const local_days thursday = monday_of(day) + days{3};
  const std::chrono::year year = year_month_day{thursday}.year();
  const auto week = (thursday - local_days{year / 1 / 1}).count() / 7 + 1;
  return fmt::format("{:04}-W{:02}", static_cast<int>(year), week);
}

std::string offset_text(std::chrono::seconds offset) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  const auto amount = minutes < 0 ? -minutes : minutes;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', amount / 60, amount % 60);
}

}  // namespace

const char* to_string(CalendarUnit unit) {
  for (const auto& [name, one] : kUnits) {
    if (one == unit) return name.data();
  }
  return "day";
}

std::optional<CalendarUnit> parse_calendar_unit(std::string_view text) {
  for (const auto& [name, unit] : kUnits) {
    if (name == text) return unit;
  }
  return std::nullopt;
}

Result<std::vector<TimePoint>> calendar_bounds(const Interval& window, CalendarUnit unit,
                                               const TimeZone& zone) {
  std::vector<TimePoint> bounds{window.begin};
  for (TimePoint next = next_period(window.begin, unit, zone); next < window.end;
       next = next_period(next, unit, zone)) {
    bounds.push_back(next);
    if (bounds.size() > kMaxPeriods) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the window has more than {} of them; choose longer periods or a "
                              "shorter window",
                              kMaxPeriods));
    }
  }
  bounds.push_back(window.end);
  return bounds;
}

std::string calendar_label(TimePoint time, CalendarUnit unit, const TimeZone& zone) {
  const auto local = zone.to_local(time);
  const local_days day = floor<days>(local);
  if (unit == CalendarUnit::week) return week_text(day);
  if (unit == CalendarUnit::day) return date_text(day);
  const auto hour = floor<hours>(local - day).count();
  return fmt::format("{}T{:02}:00{}", date_text(day), hour,
                     offset_text(zone.offset_at(floor<std::chrono::seconds>(time))));
}

}  // namespace rz::history
