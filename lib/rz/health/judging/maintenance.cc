#include "rz/health/judging/maintenance.h"

#include <algorithm>

#include "rz/base/time_zone.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"

namespace rz::health {
namespace {

using std::chrono::days;
using std::chrono::local_days;

// A machine without a battery for its clock starts in 1970, or at the time of its kernel's build.
constexpr TimePoint kEarliest{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}};

bool recurs_on(const MaintenanceWindow& window, local_days day) {
  const auto weekday = static_cast<int>(std::chrono::weekday{day}.c_encoding());
  return window.days.empty() ||
         std::find(window.days.begin(), window.days.end(), weekday) != window.days.end();
}

// The end of the latest one that has begun, if that is after `now`.
std::optional<TimePoint> open_until(const MaintenanceWindow& window, const TimeZone& zone,
                                    TimePoint now) {
  const local_days today = std::chrono::floor<days>(zone.to_local(now));
  // A day more than it lasts, since the day on which the clocks change is longer.
  const days longest = std::chrono::ceil<days>(window.duration) + days{1};
  std::optional<TimePoint> until;
  for (local_days day = today - longest; day <= today; day += days{1}) {
    if (!recurs_on(window, day)) continue;
    const TimePoint begin = zone.to_utc(day + Micros{window.start});
    if (begin <= now && now < begin + window.duration) until = begin + window.duration;
  }
  return until;
}

Result<std::optional<TimePoint>> open_until(const MaintenanceWindow& window, TimePoint now) {
  if (window.once) {
    const TimePoint end = *window.once + window.duration;
    return *window.once <= now && now < end ? std::optional(end) : std::nullopt;
  }
  TRY_ASSIGN(const TimeZone zone, TimeZone::load(window.timezone));
  return open_until(window, zone, now);
}

}  // namespace

Result<std::optional<TimePoint>> maintenance_until(const std::vector<MaintenanceWindow>& windows,
                                                   TimePoint now) {
  std::optional<TimePoint> until;
  if (windows.empty()) return until;
  if (now < kEarliest) {
    return fail_own_side(ErrorCode::unavailable,
                         "the clock of this host was never set: it says " + format_timestamp(now));
  }
  for (const MaintenanceWindow& window : windows) {
    TRY_ASSIGN(const std::optional<TimePoint> end, open_until(window, now));
    if (end) until = until ? std::max(*until, *end) : *end;
  }
  return until;
}

namespace {

Result<void> add_between(const MaintenanceWindow& window, TimePoint from, TimePoint until,
                         std::vector<OpenMaintenance>& times) {
  if (window.once) {
    times.push_back({*window.once, *window.once + window.duration});
    return {};
  }
  TRY_ASSIGN(const TimeZone zone, TimeZone::load(window.timezone));
  const local_days last = std::chrono::floor<days>(zone.to_local(until));
  local_days day = std::chrono::floor<days>(zone.to_local(from)) -
                   std::chrono::ceil<days>(window.duration) - days{1};
  for (; day <= last; day += days{1}) {
    if (!recurs_on(window, day)) continue;
    const TimePoint begin = zone.to_utc(day + Micros{window.start});
    times.push_back({begin, begin + window.duration});
  }
  return {};
}

}  // namespace

Result<std::vector<OpenMaintenance>> maintenance_between(
    const std::vector<MaintenanceWindow>& windows, TimePoint from, TimePoint until) {
  std::vector<OpenMaintenance> times;
  for (const MaintenanceWindow& window : windows) TRY(add_between(window, from, until, times));
  std::erase_if(times,
                [&](const OpenMaintenance& one) { return one.end <= from || one.begin >= until; });
  std::sort(times.begin(), times.end(),
            [](const OpenMaintenance& a, const OpenMaintenance& b) { return a.begin < b.begin; });
  std::vector<OpenMaintenance> merged;
  for (const OpenMaintenance& one : times) {
    if (!merged.empty() && one.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, one.end);
    } else {
      merged.push_back(one);
    }
  }
  return merged;
}

}  // namespace rz::health
