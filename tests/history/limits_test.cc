#include "rz/history/limits.h"

#include <doctest/doctest.h>

#include "history/history_support.h"
#include "rz/history/auditor.h"

namespace rz::history {
namespace {

// Two hours: 20m safe, 10m heuristic, three transitions and then none, one flap.
Audit two_hours(const std::optional<Objective>& objective = std::nullopt) {
  AuditQuestion asked = question(0, 120);
  asked.flap_window = minutes_long(40);
  asked.objective = objective;
  return audit_records(asked, KnownMode{minute(-100'000), Mode::primary, 0},
                       {change(minute(10), Mode::primary, Mode::safe, 1, "one"),
                        change(minute(30), Mode::safe, Mode::heuristic, 2, "two"),
                        change(minute(40), Mode::heuristic, Mode::primary, 3, "three")});
}

LimitVerdict only(const AuditOptions& options) {
  const std::vector<LimitVerdict> verdicts = judge_limits(two_hours(), options);
  REQUIRE(verdicts.size() == 1);
  return verdicts.front();
}

}  // namespace

TEST_CASE("a limit holds up to what it allows") {
  CHECK(only({.max_transitions = 3}).result == LimitResult::kept);
  CHECK(only({.max_transitions = 2}).result == LimitResult::broken);
  CHECK(only({.max_degraded = Millis{30 * 60'000}}).result == LimitResult::kept);
  CHECK(only({.max_degraded = Millis{30 * 60'000 - 1}}).result == LimitResult::broken);
  CHECK(only({.max_safe = Millis{20 * 60'000}}).result == LimitResult::kept);
  CHECK(only({.max_safe = Millis{20 * 60'000 - 1}}).result == LimitResult::broken);
  CHECK(only({.max_flaps = 1}).result == LimitResult::kept);
  CHECK(only({.max_flaps = 0}).result == LimitResult::broken);
  CHECK(only({.max_unknown = Millis{0}}).result == LimitResult::kept);
}

TEST_CASE("a limit that is not kept names the records that it comes from") {
  const LimitVerdict degraded = only({.max_degraded = Millis{0}});
  CHECK(degraded.name == "max_degraded");
  CHECK(degraded.sentence == "30m in heuristic or safe, and 0s are allowed");
  CHECK(degraded.records_total == 2);
  REQUIRE(degraded.records.size() == 2);
  CHECK(degraded.records[0].reason == "one");
  CHECK(degraded.records[1].reason == "two");
  const LimitVerdict flaps = only({.max_flaps = 0});
  REQUIRE(flaps.records.size() == 1);
  CHECK(flaps.records[0].reason == "three");
  CHECK(only({.max_flaps = 1}).records.empty());
}

TEST_CASE("a violation names what began it before the window, or that nobody knows") {
  const Transition began = change(minute(-90), Mode::primary, Mode::safe, 4, "began");
  const auto judged = [](const KnownMode& known) {
    const Audit audit = audit_records(question(0, 60), known, {});
    return judge_limits(audit, {.max_safe = Millis{0}}).at(0);
  };
  const LimitVerdict told = judged({minute(-90), Mode::safe, 4, {began}});
  REQUIRE(told.records.size() == 1);
  CHECK(told.records[0].reason == "began");
  CHECK(told.records_total == 1);
  CHECK(!told.record_missing);
  const LimitVerdict untold = judged({minute(-90), Mode::safe, 4, {}});
  CHECK(untold.records.empty());
  CHECK(untold.records_total == 0);
  CHECK(untold.record_missing);
}

TEST_CASE("more unknown time than is allowed cannot be judged") {
  AuditQuestion asked = question(0, 60);
  const Audit audit = audit_records(asked, KnownMode{minute(30), Mode::primary, 0}, {});
  const auto verdicts = judge_limits(audit, {.max_unknown = Millis{29 * 60'000}});
  CHECK(worst_of(verdicts) == LimitResult::unknown);
}

TEST_CASE("a limit that what is missing might break cannot be judged") {
  // 30m between missing records, and 10m safe.
  const Audit audit = audit_records(question(0, 120), KnownMode{minute(-10), Mode::primary, 0},
                                    {change(minute(30), Mode::primary, Mode::safe, 2),
                                     change(minute(40), Mode::safe, Mode::primary, 3)});
  CHECK(audit.lost == minutes_long(30));
  const auto result = [&](const AuditOptions& options) {
    return judge_limits(audit, options).at(0).result;
  };
  CHECK(result({.max_safe = Millis{9 * 60'000}}) == LimitResult::broken);
  CHECK(result({.max_safe = Millis{10 * 60'000}}) == LimitResult::unknown);
  CHECK(result({.max_safe = Millis{60 * 60'000}}) == LimitResult::kept);
  CHECK(result({.max_transitions = 1}) == LimitResult::broken);
  CHECK(result({.max_transitions = 2}) == LimitResult::unknown);
  CHECK(result({.max_transitions = 3}) == LimitResult::kept);
  CHECK(judge_limits(audit, {.max_transitions = 2}).at(0).sentence ==
        "2 transitions, and 2 are allowed; but records are missing at 1 place");
}

TEST_CASE("where nothing is known no limit is kept") {
  const Audit audit = audit_records(question(0, 60), std::nullopt, {});
  const auto verdicts = judge_limits(audit, {.max_flaps = 3});
  CHECK(verdicts.at(0).result == LimitResult::unknown);
  CHECK(verdicts.at(0).sentence == "nothing is known of the window");
}

TEST_CASE("a burn names what was spent in its own window") {
  AuditQuestion asked = question(0, 7 * 24 * 60);
  asked.objective = Objective{};
  const Audit audit =
      audit_records(asked, KnownMode{minute(-100'000), Mode::primary, 0},
                    {change(minute(100), Mode::primary, Mode::safe, 1, "early"),
                     change(minute(200), Mode::safe, Mode::primary, 2),
                     change(minute(7 * 24 * 60 - 4), Mode::primary, Mode::safe, 3, "late")});
  const auto verdicts = judge_limits(audit, {});
  CHECK(verdicts.at(0).records_total == 2);
  CHECK(verdicts.at(1).name == "burn_1h");
  REQUIRE(verdicts.at(1).records.size() == 1);
  CHECK(verdicts.at(1).records[0].reason == "late");
}

TEST_CASE("a broken limit outweighs one that cannot be judged") {
  CHECK(worst_of({{.result = LimitResult::unknown}, {.result = LimitResult::broken}}) ==
        LimitResult::broken);
  CHECK(worst_of({}) == LimitResult::kept);
}

TEST_CASE("a spent budget and one that burns fast are broken limits, a slow burn a warning") {
  // 30m are more than the 7.2m of a day at 99.5 %; of a short window no rate is watched.
  const auto day = judge_limits(two_hours(Objective{99.5, std::chrono::hours{24}}), {});
  REQUIRE(day.size() == 1);
  CHECK(day[0].name == "slo");
  CHECK(day[0].result == LimitResult::broken);
  CHECK(day[0].records.size() == 2);

  // 99 % over 30 days: 432m. Nothing was degraded in the last half hour, and 30m in 2h are 25 % of
  // it: 25 times what is allowed, as 30m of a day are 2.08 times. Over 6h 8.3 times, and over 3d
  // 0.69 times.
  const auto month = judge_limits(two_hours(Objective{99, std::chrono::hours{24 * 30}}), {});
  REQUIRE(month.size() == 5);
  CHECK(month[0].result == LimitResult::kept);
  CHECK(month[1].name == "burn_1h");
  CHECK(month[1].result == LimitResult::kept);
  CHECK(month[2].result == LimitResult::kept);
  CHECK(month[3].result == LimitResult::kept);
  CHECK(month[4].name == "burn_3d");
  CHECK(month[4].result == LimitResult::kept);

  // 99.5 %: over 1d 4.2 times and over 2h 50 times.
  const auto stricter = judge_limits(two_hours(Objective{99.5, std::chrono::hours{24 * 30}}), {});
  CHECK(stricter[3].name == "burn_1d");
  CHECK(stricter[3].result == LimitResult::warned);
  CHECK(worst_of(stricter) == LimitResult::warned);
}

}  // namespace rz::history
