#include "rz/health/judging/maintenance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "rz/base/time_zone.h"
#include "rz/base/timestamp.h"
#include "support/results.h"

namespace rz::health {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TimePoint at(const std::string& text) { return ok(parse_timestamp(text)); }

MaintenanceWindow window(Millis start, Millis duration, std::vector<int> days = {},
                         std::string timezone = "UTC") {
  return {{}, start, duration, std::move(days), std::move(timezone)};
}

/// When it ends, or `closed`.
std::string until(const MaintenanceWindow& one, const std::string& now) {
  const auto end = ok(maintenance_until({one}, at(now)));
  return end ? format_timestamp(*end) : "closed";
}

}  // namespace

TEST_CASE("a daily window holds its beginning and not its end, also across midnight") {
  const auto night = window(hours{23}, hours{2});
  CHECK(until(night, "2026-11-27T22:59:59.999999Z") == "closed");
  CHECK(until(night, "2026-11-27T23:00:00Z") == "2026-11-28T01:00:00.000000Z");
  CHECK(until(night, "2026-11-28T00:30:00Z") == "2026-11-28T01:00:00.000000Z");
  CHECK(until(night, "2026-11-28T00:59:59.999999Z") == "2026-11-28T01:00:00.000000Z");
  CHECK(until(night, "2026-11-28T01:00:00Z") == "closed");
  // Over the end of a month and a year.
  CHECK(until(night, "2027-01-01T00:59:00Z") == "2027-01-01T01:00:00.000000Z");
}

TEST_CASE("a weekly window is of the day on which it begins") {
  // The 28th of November 2026 is a Saturday.
  const auto weekend = window(hours{22}, hours{30}, {6});
  CHECK(until(weekend, "2026-11-27T23:00:00Z") == "closed");
  CHECK(until(weekend, "2026-11-28T22:00:00Z") == "2026-11-30T04:00:00.000000Z");
  CHECK(until(weekend, "2026-11-30T03:59:59Z") == "2026-11-30T04:00:00.000000Z");
  CHECK(until(weekend, "2026-11-30T04:00:00Z") == "closed");
}

TEST_CASE("a single window is over once it is over") {
  MaintenanceWindow once = window(Millis{0}, hours{2});
  once.once = at("2026-12-01T02:00:00+01:00");
  CHECK(until(once, "2026-12-01T00:59:59Z") == "closed");
  CHECK(until(once, "2026-12-01T01:00:00Z") == "2026-12-01T03:00:00.000000Z");
  CHECK(until(once, "2026-12-01T03:00:00Z") == "closed");
  CHECK(until(once, "2026-12-08T01:00:00Z") == "closed");
}

TEST_CASE("the time of the day is that of the zone, also where its clocks are changed") {
  if (!std::filesystem::exists(TimeZone::database() + "/Europe/Berlin")) {
    MESSAGE("skipped: tzdata is not installed");
    return;
  }
  const auto berlin = window(hours{2}, hours{2}, {}, "Europe/Berlin");
  CHECK(until(berlin, "2026-07-01T00:00:00Z") == "2026-07-01T02:00:00.000000Z");
  CHECK(until(berlin, "2026-12-01T00:59:00Z") == "closed");
  CHECK(until(berlin, "2026-12-01T01:00:00Z") == "2026-12-01T03:00:00.000000Z");
  // 02:00 does not exist on that night: it begins when the clocks say 03:00.
  CHECK(until(berlin, "2026-03-29T00:59:59Z") == "closed");
  CHECK(until(berlin, "2026-03-29T01:00:00Z") == "2026-03-29T03:00:00.000000Z");
  // 02:00 comes twice: it begins at the first, and lasts two hours.
  CHECK(until(berlin, "2026-10-25T00:00:00Z") == "2026-10-25T02:00:00.000000Z");
  CHECK(until(berlin, "2026-10-25T02:00:00Z") == "closed");
  // On the other side of the date line it is another day.
  const auto kiritimati = window(hours{1}, hours{1}, {0}, "Pacific/Kiritimati");
  CHECK(until(kiritimati, "2026-11-28T11:30:00Z") == "2026-11-28T12:00:00.000000Z");
  CHECK(until(kiritimati, "2026-11-29T11:30:00Z") == "closed");
}

TEST_CASE("the last end of several windows counts") {
  const auto end = ok(maintenance_until({window(hours{1}, hours{3}), window(hours{2}, hours{1})},
                                        at("2026-11-27T02:30:00Z")));
  CHECK(end == at("2026-11-27T04:00:00Z"));
  CHECK(!ok(maintenance_until({}, at("2026-11-27T02:30:00Z"))).has_value());
}

TEST_CASE("a clock that was never set excuses nothing") {
  const auto wrong = maintenance_until({window(hours{0}, hours{23})}, at("1970-01-03T01:00:00Z"));
  REQUIRE(!wrong.has_value());
  CHECK(wrong.error().own_side);
  CHECK(wrong.error().message ==
        "the clock of this host was never set: it says 1970-01-03T01:00:00.000000Z");
  const auto zone = maintenance_until({window(hours{0}, hours{1}, {}, "Nowhere/Land")},
                                      at("2026-11-27T00:30:00Z"));
  CHECK(!zone.has_value());
}

namespace {

using Times = std::vector<std::string>;

/// Each time as `begin/end`.
Times between(const std::vector<MaintenanceWindow>& windows, const std::string& from,
              const std::string& until) {
  Times times;
  for (const OpenMaintenance& one : ok(maintenance_between(windows, at(from), at(until)))) {
    times.push_back(format_timestamp(one.begin).substr(0, 16) + "/" +
                    format_timestamp(one.end).substr(0, 16));
  }
  return times;
}

}  // namespace

TEST_CASE("all times of a window that touch a stretch of time are found, in order") {
  // One is going on at its beginning, and one begins before its end.
  CHECK(between({window(hours{23}, hours{2})}, "2026-11-27T00:30:00Z", "2026-11-28T23:30:00Z") ==
        Times{"2026-11-26T23:00/2026-11-27T01:00", "2026-11-27T23:00/2026-11-28T01:00",
              "2026-11-28T23:00/2026-11-29T01:00"});
  CHECK(between({window(hours{23}, hours{2})}, "2026-11-27T01:00:00Z", "2026-11-27T23:00:00Z")
            .empty());
  // 27 November 2026 is a Friday.
  CHECK(between({window(hours{2}, hours{1}, {6})}, "2026-11-23T00:00:00Z",
                "2026-11-30T00:00:00Z") == Times{"2026-11-28T02:00/2026-11-28T03:00"});
}

TEST_CASE("windows that meet or overlap are one time") {
  MaintenanceWindow once;
  once.once = at("2026-11-27T03:00:00Z");
  once.duration = hours{2};
  CHECK(between({once, window(hours{2}, hours{1}), window(hours{4}, hours{3})},
                "2026-11-27T00:00:00Z",
                "2026-11-28T00:00:00Z") == Times{"2026-11-27T02:00/2026-11-27T07:00"});
}

TEST_CASE("a window in a zone moves with its clocks") {
  const auto night = window(hours{2}, hours{1}, {}, "Europe/Berlin");
  CHECK(between({night}, "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z") ==
        Times{"2026-10-24T00:00/2026-10-24T01:00", "2026-10-25T00:00/2026-10-25T01:00",
              "2026-10-26T01:00/2026-10-26T02:00"});
}

TEST_CASE("at each minute the times between say the same as the question whether one is open") {
  const std::vector<MaintenanceWindow> windows = {
      window(hours{23}, hours{3}, {0, 3}, "Europe/Berlin"), window(minutes{90}, minutes{45})};
  const TimePoint from = at("2026-10-22T00:00:00Z");
  const TimePoint end = at("2026-10-27T00:00:00Z");
  const auto times = ok(maintenance_between(windows, from, end));
  for (TimePoint now = from; now < end; now += minutes{5}) {
    const bool open = std::any_of(times.begin(), times.end(), [now](const OpenMaintenance& one) {
      return one.begin <= now && now < one.end;
    });
    CHECK_MESSAGE(open == ok(maintenance_until(windows, now)).has_value(), format_timestamp(now));
  }
}

}  // namespace rz::health
