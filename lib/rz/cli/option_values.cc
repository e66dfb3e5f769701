#include "rz/cli/option_values.h"

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/time_zone.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"

namespace rz::cli {
namespace {

using std::chrono::days;
using std::chrono::local_days;

// How many days before `today`; nothing if `text` does not name a day.
std::optional<days> days_ago(std::string_view text, local_days today) {
  if (equals_ignore_case(text, "today")) return days{0};
  if (equals_ignore_case(text, "yesterday")) return days{1};
  constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};
  constexpr std::size_t kShort = 3;
  for (unsigned day = 0; day < std::size(kDays); ++day) {
    const bool named = equals_ignore_case(text, kDays[day]) ||
                       equals_ignore_case(text, kDays[day].substr(0, kShort));
    if (named) return std::chrono::weekday{today} - std::chrono::weekday{day};
  }
  return std::nullopt;
}

// Of `now`, by the clocks of this machine.
Result<std::optional<TimePoint>> beginning_of_day(std::string_view text, TimePoint now) {
  // The zone need not be read for a text that is no day at all.
  if (!days_ago(text, local_days{})) return std::optional<TimePoint>{};
  TRY_ASSIGN(const TimeZone zone, TimeZone::local());
  const auto today = std::chrono::floor<days>(zone.to_local(now));
  return std::optional(zone.to_utc(today - *days_ago(text, today)));
}

// Whether a timestamp says how far its clock is ahead of UTC. A date alone says nothing.
bool has_offset(std::string_view timestamp) {
  constexpr std::size_t kDate = sizeof "2026-01-02" - 1;
  return timestamp.find_first_of("Zz+-", kDate) != std::string_view::npos;
}

}  // namespace

Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now) {
  auto day = beginning_of_day(text, now);
  if (!day) return fail(std::move(day).error());
  if (*day) return **day;
  const auto ago = parse_duration(text);
  if (ago) return now - *ago;
  if (const auto time = parse_timestamp(text)) {
    if (has_offset(text)) return *time;
    TRY_ASSIGN(const TimeZone zone, TimeZone::local());
    return zone.to_utc(std::chrono::local_time<Micros>{time->time_since_epoch()});
  }
  if (ago.error().code == ErrorCode::invalid_argument) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(text) + "' is longer ago than " +
                    format_duration(kLongestDuration) + "; give a time, like 2026-01-02T03:04:05Z",
                option);
  }
  return fail(
      ErrorCode::invalid_argument,
      "'" + printable(text) +
          "' is not a time (2026-01-02T03:04:05Z), a duration (24h) or a day (today, monday)",
      option);
}

Result<Millis> parse_span(const std::string& option, const std::string& text, Zero zero) {
  const auto duration = parse_duration(text);
  if (!duration) return fail(ErrorCode::invalid_argument, duration.error().message, option);
  if (*duration < Millis{1} && !(zero == Zero::allowed && duration->count() == 0)) {
    return fail(ErrorCode::invalid_argument, "must be at least 1ms", option);
  }
  return std::chrono::floor<Millis>(*duration);
}

Result<std::optional<Millis>> read_span(const Arguments& arguments, const std::string& option,
                                        Zero zero) {
  if (!arguments.has(option)) return std::optional<Millis>{};
  const auto span = parse_span(option, arguments.text(option), zero);
  if (!span) return fail(span.error());
  return std::optional<Millis>(*span);
}

}  // namespace rz::cli
