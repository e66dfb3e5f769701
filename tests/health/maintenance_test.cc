#include "rz/health/maintenance.h"

#include <doctest/doctest.h>

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

}  // namespace rz::health
