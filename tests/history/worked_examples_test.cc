// A day and a month, of which each figure was worked out by hand.

#include <doctest/doctest.h>

#include "history/history_support.h"
#include "rz/history/auditor.h"
#include "rz/history/limits.h"

namespace rz::history {
namespace {

constexpr Mode kP = Mode::primary;
constexpr Mode kH = Mode::heuristic;
constexpr Mode kS = Mode::safe;

// 2 March 2026, in UTC. The mode was primary when it began.
//
//   02:00 P -> S   02:20 S -> H   02:30 H -> P     degraded for 30m: 20m safe, 10m heuristic
//   09:00 P -> H   09:05 H -> P                     degraded for 5m
//   09:12 P -> H   09:27 H -> P                     degraded for 15m
//   13:10 P -> S   13:40 S -> P                     within the maintenance from 13:00 to 14:00
//   23:50 P -> S                                    goes on when the day ends: 10m so far
std::vector<Transition> day_records() {
  return {change(at("2026-03-02T02:00:00Z"), kP, kS, 5, "multiple_failures(2)"),
          change(at("2026-03-02T02:20:00Z"), kS, kH, 6, "circuit_open(60s)"),
          change(at("2026-03-02T02:30:00Z"), kH, kP, 7, "recovered"),
          change(at("2026-03-02T09:00:00Z"), kP, kH, 8, "circuit_open(12s)"),
          change(at("2026-03-02T09:05:00Z"), kH, kP, 9, "recovered"),
          change(at("2026-03-02T09:12:00Z"), kP, kH, 10, "circuit_open(5s)"),
          change(at("2026-03-02T09:27:00Z"), kH, kP, 11, "recovered"),
          change(at("2026-03-02T13:10:00Z"), kP, kS, 12, "multiple_failures(3)"),
          change(at("2026-03-02T13:40:00Z"), kS, kP, 13, "recovered"),
          change(at("2026-03-02T23:50:00Z"), kP, kS, 14, "multiple_failures(2)")};
}

// April 2026, 30 days, in UTC. The first evaluation was on the 1st at 12:00; the mode was primary.
//
//   the 3rd,  10:00 to 10:20  heuristic   20m
//   the 12th, 12:00 to 12:10  safe        10m
//   the 30th, 23:40 to 23:58  heuristic   18m
std::vector<Transition> month_records() {
  return {
      change(at("2026-04-03T10:00:00Z"), kP, kH, 1), change(at("2026-04-03T10:20:00Z"), kH, kP, 2),
      change(at("2026-04-12T12:00:00Z"), kP, kS, 3), change(at("2026-04-12T12:10:00Z"), kS, kP, 4),
      change(at("2026-04-30T23:40:00Z"), kP, kH, 5), change(at("2026-04-30T23:58:00Z"), kH, kP, 6)};
}

Audit month() {
  AuditQuestion asked;
  asked.window = {at("2026-04-01T00:00:00Z"), at("2026-05-01T00:00:00Z")};
  asked.objective = Objective{};
  return audit_records(asked, KnownMode{at("2026-04-01T12:00:00Z"), kP, 0}, month_records());
}

}  // namespace

TEST_CASE("a day by hand") {
  AuditQuestion asked;
  asked.window = {at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z")};
  asked.flap_window = minutes_long(10);
  asked.maintenance = {{at("2026-03-02T13:00:00Z"), at("2026-03-02T14:00:00Z")}};
  const Audit audit =
      audit_records(asked, KnownMode{at("2026-03-01T08:00:00Z"), kP, 4}, day_records());

  // Safe: 20m + 10m. Heuristic: 10m + 5m + 15m. Primary: 1440m - 60m - 30m - 30m.
  CHECK(audit.time.of(TimeKind::safe) == minutes_long(30));
  CHECK(audit.time.of(TimeKind::heuristic) == minutes_long(30));
  CHECK(audit.time.of(TimeKind::maintenance) == minutes_long(60));
  CHECK(audit.time.of(TimeKind::primary) == minutes_long(1320));
  CHECK(audit.time.of(TimeKind::unknown) == Micros{0});
  // 1320 of 1380 minutes.
  CHECK(*audit.time.availability() == doctest::Approx(0.956521739).epsilon(1e-9));

  // Ten records, of which two are within the maintenance.
  CHECK(audit.transitions.total == 8);
  CHECK(audit.records.planned == 2);
  // 09:05 is back in primary after 5m; 09:12 back in heuristic after 7m; 09:27 took 15m.
  CHECK(audit.flaps.total == 2);

  // 30m, 5m and 15m: 50m / 3 = 16m 40s; the middle one is 15m; 90 % of three is all three.
  CHECK(audit.recovery.complete == 3);
  CHECK(audit.recovery.mean == std::chrono::seconds{1000});
  CHECK(audit.recovery.median == minutes_long(15));
  CHECK(audit.recovery.p90 == minutes_long(30));
  CHECK(audit.recovery.open == 1);
  CHECK(audit.recovery.cut == 0);
  CHECK(audit.longest_degraded == minutes_long(30));

  // multiple_failures: 30m until primary came, as getting better from safe to heuristic is no new
  // cause, and 10m at the end. circuit_open: 5m + 15m.
  REQUIRE(audit.causes.size() == 2);
  CHECK(audit.causes[0].name == "multiple_failures");
  CHECK(audit.causes[0].count == 2);
  CHECK(audit.causes[0].degraded == minutes_long(40));
  CHECK(audit.causes[1].name == "circuit_open");
  CHECK(audit.causes[1].count == 2);
  CHECK(audit.causes[1].degraded == minutes_long(20));

  // From 13:40 to 23:50, of which the 20m until 14:00 are maintenance.
  CHECK(audit.longest_primary.at(0).length == minutes_long(9 * 60 + 50));
}

TEST_CASE("a month by hand") {
  const Audit audit = month();
  // 720h, of which the first 12 are unknown: 708h are 42480m, of which 48 are degraded.
  CHECK(audit.time.of(TimeKind::unknown) == minutes_long(12 * 60));
  CHECK(audit.time.of(TimeKind::heuristic) == minutes_long(38));
  CHECK(audit.time.of(TimeKind::safe) == minutes_long(10));
  CHECK(audit.time.of(TimeKind::primary) == minutes_long(42432));
  CHECK(*audit.time.availability() == doctest::Approx(42432.0 / 42480).epsilon(1e-12));
  // 20m, 10m and 18m.
  CHECK(audit.recovery.mean == minutes_long(16));
  CHECK(audit.recovery.median == minutes_long(18));
  CHECK(audit.recovery.p90 == minutes_long(20));

  // A thousandth of 30 days is 43m12s, of which 48m were spent.
  REQUIRE(audit.budget.has_value());
  CHECK(audit.budget->budget == std::chrono::seconds{43 * 60 + 12});
  CHECK(audit.budget->spent == minutes_long(48));
  CHECK(audit.budget->left() == -std::chrono::seconds{4 * 60 + 48});
  CHECK(audit.budget->series.front().left == audit.budget->budget);
  CHECK(audit.budget->series.back().left == audit.budget->left());
}

TEST_CASE("the burn rates of that month") {
  const Audit audit = month();
  const std::vector<BurnRate>& rates = audit.budget->burn_rates;
  REQUIRE(rates.size() == 4);
  struct Expected {
    int long_minutes, short_minutes;
    double factor, long_rate, short_rate;
  };
  // Of the last 5m, from 23:55, 3 were degraded; of all longer ones 18. Over 1h: 18/60 of the time
  // is 300 times the thousandth that is allowed, and so on.
  const Expected expected[] = {{60, 5, 14.4, 300, 600},
                               {360, 30, 6, 50, 600},
                               {1440, 120, 3, 12.5, 150},
                               {4320, 360, 1, 18.0 / 4320 / 0.001, 50}};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    CAPTURE(i);
    CHECK(rates[i].long_window == minutes_long(expected[i].long_minutes));
    CHECK(rates[i].short_window == minutes_long(expected[i].short_minutes));
    CHECK(rates[i].factor == doctest::Approx(expected[i].factor));
    CHECK(*rates[i].long_rate == doctest::Approx(expected[i].long_rate));
    CHECK(*rates[i].short_rate == doctest::Approx(expected[i].short_rate));
    CHECK(rates[i].burns());
    CHECK(rates[i].pages == (i < 2));
  }
}

}  // namespace rz::history
