// Recovery that is held back, pins, and clocks that jump.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode_plan.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using std::chrono::seconds;

/// A manager with recovery options on a store of its own.
struct Managed {
  explicit Managed(RecoveryOptions recovery = {})
      : manager(storage, {.recovery = recovery, .actor = "ops", .host = "db1"}, clock) {}

  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  FallbackManager manager;

  Mode cascade(const HealthState& health) { return ok(manager.cascade(health)).after.mode; }
  std::vector<Transition> log() { return ok(manager.transitions_log()); }
  /// With what was done with pins.
  std::vector<Transition> records() {
    return ok(TransitionLog(storage, std::chrono::hours{1}).list({}));
  }
};

TEST_CASE("so many good evaluations in a row") {
  Managed managed({.good_evaluations = 3});
  CHECK(managed.cascade(failed(2)) == Mode::safe);
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  CHECK(managed.cascade(failed(2)) == Mode::safe);  // And the count begins again.
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  const Evaluation held = ok(managed.manager.cascade(kHealthy));
  CHECK_FALSE(held.changed());
  CHECK(held.held == "recovery is held back: 2 of 3 good evaluations");
  const Evaluation recovered = ok(managed.manager.cascade(kHealthy));
  CHECK(recovered.changed());
  CHECK(recovered.after.mode == Mode::primary);
  CHECK(recovered.held.empty());
  CHECK(managed.log().size() == 2);
}

TEST_CASE("the count is shared by the processes of the store") {
  Managed managed({.good_evaluations = 2});
  FallbackManager other(managed.storage, {.recovery = {.good_evaluations = 2}}, managed.clock);
  managed.cascade(failed(2));
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  CHECK(ok(other.cascade(kHealthy)).after.mode == Mode::primary);
}

TEST_CASE("a dwell") {
  Managed managed({.dwell = seconds{60}});
  managed.cascade(failed(2));
  managed.clock.advance(seconds{59});
  const Evaluation held = ok(managed.manager.cascade(kHealthy));
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held == "recovery is held back: 1 of 1 good evaluations, 1s of dwell left");
  managed.clock.advance(seconds{1});
  CHECK(managed.cascade(kHealthy) == Mode::primary);
}

TEST_CASE("one step at a time") {
  Managed managed({.stepwise = true});
  managed.cascade(failed(2));
  CHECK(managed.cascade(kHealthy) == Mode::heuristic);
  CHECK(managed.cascade(kHealthy) == Mode::primary);
  CHECK(managed.cascade(kHealthy) == Mode::primary);
  CHECK(managed.log().size() == 3);
  // Worsening needs no steps.
  CHECK(managed.cascade(failed(2)) == Mode::safe);
}

TEST_CASE("each step waits for its own evaluations and its own dwell") {
  Managed managed({.good_evaluations = 2, .dwell = seconds{10}, .stepwise = true});
  managed.cascade(failed(2));
  managed.clock.advance(seconds{10});
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  CHECK(managed.cascade(kHealthy) == Mode::heuristic);
  CHECK(managed.cascade(kHealthy) == Mode::heuristic);
  CHECK(managed.cascade(kHealthy) == Mode::heuristic);
  managed.clock.advance(seconds{10});
  CHECK(managed.cascade(kHealthy) == Mode::primary);
}

TEST_CASE("worsening is never held back") {
  Managed managed({.good_evaluations = 9, .dwell = seconds{3600}, .stepwise = true});
  CHECK(managed.cascade(circuit_open(1)) == Mode::heuristic);
  CHECK(managed.cascade(failed(2)) == Mode::safe);
  // A better mode that is not yet the best waits as well.
  CHECK(managed.cascade(circuit_open(1)) == Mode::safe);
}

TEST_CASE("a pin outranks evaluation until it is released") {
  Managed managed;
  ok(managed.manager.set_mode("heuristic"));
  const Evaluation worse = ok(managed.manager.cascade(failed(2)));
  CHECK(worse.after.mode == Mode::heuristic);
  CHECK_FALSE(worse.changed());
  CHECK(worse.after.pin.has_value());
  CHECK(worse.decision.mode == Mode::safe);
  CHECK(managed.cascade(kHealthy) == Mode::heuristic);

  const Evaluation released = ok(managed.manager.release());
  CHECK(released.after.mode == Mode::heuristic);
  CHECK_FALSE(released.changed());
  CHECK_FALSE(released.after.pin);
  CHECK(managed.cascade(failed(2)) == Mode::safe);
  const auto log = managed.records();
  REQUIRE(log.size() == 3);
  CHECK(log[0].trigger == "manual");
  CHECK(log[1].trigger == "release");
  CHECK(log[1].from == log[1].to);
  CHECK_FALSE(log[1].epoch);
  CHECK(log[2].trigger == "evaluation");
  CHECK(managed.log().size() == 2);
}

TEST_CASE("releasing what is not pinned changes nothing") {
  Managed managed;
  const Evaluation nothing = ok(managed.manager.release());
  CHECK_FALSE(nothing.changed());
  CHECK(nothing.remark == "nothing is pinned");
  managed.cascade(failed(2));
  const auto stored = ok(managed.storage.get(kModeStateKey));
  CHECK(ok(managed.manager.release()).after.mode == Mode::safe);
  CHECK(ok(managed.storage.get(kModeStateKey)) == stored);
}

TEST_CASE("a pin that expires lets evaluation decide, and the record says so") {
  Managed managed;
  ok(managed.manager.set_mode("safe", seconds{60}, "drill"));
  managed.clock.advance(seconds{60} - Micros{1});
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  CHECK(ok(managed.manager.status()).after.pin.has_value());
  managed.clock.advance(Micros{1});
  CHECK_FALSE(ok(managed.manager.status()).after.pin);
  CHECK(managed.cascade(kHealthy) == Mode::primary);
  REQUIRE(managed.log().size() == 2);
  CHECK(managed.log()[0].reason == "drill");
  CHECK(managed.log()[1].trigger == "pin_expired");
  CHECK(managed.log()[1].reason == "recovered");
  CHECK(managed.cascade(failed(2)) == Mode::safe);
  CHECK(managed.log()[2].trigger == "evaluation");
}

TEST_CASE("a later pin takes the place of an earlier one") {
  Managed managed;
  ok(managed.manager.set_mode("safe", seconds{60}));
  ok(managed.manager.set_mode("primary", seconds{10}));
  managed.clock.advance(seconds{10});
  CHECK(managed.cascade(circuit_open(1)) == Mode::heuristic);
}

TEST_CASE("a dwell counts from when a time that is ahead of the clock was first seen") {
  Managed managed({.dwell = seconds{10}});
  managed.clock.set_now(at(1'000'000'000));
  managed.cascade(failed(2));
  managed.clock.set_now(at(0));
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  managed.clock.advance(seconds{9});
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  managed.clock.advance(seconds{1});
  CHECK(managed.cascade(kHealthy) == Mode::primary);
}

TEST_CASE("a pin of a clock that is ahead lasts as long as it was set for, from when it is seen") {
  Managed managed;
  managed.clock.set_now(at(1'000'000'000));
  ok(managed.manager.set_mode("safe", seconds{60}));
  managed.clock.set_now(at(0));
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  managed.clock.advance(seconds{59});
  CHECK(managed.cascade(kHealthy) == Mode::safe);
  managed.clock.advance(seconds{1});
  CHECK(managed.cascade(kHealthy) == Mode::primary);
}

TEST_CASE("a host whose clock is behind ends no pin for the others") {
  for (const auto behind : {seconds{10}, seconds{2'700}, seconds{1'000'000}}) {
    Managed managed;
    managed.clock.set_now(at(2'000'000));
    ok(managed.manager.set_mode("safe", seconds{1800}));
    managed.clock.set_now(at(2'000'000) - behind);
    CHECK(managed.cascade(kHealthy) == Mode::safe);
    managed.clock.set_now(at(2'000'000) + seconds{1799});
    CHECK(managed.cascade(kHealthy) == Mode::safe);
    CHECK(ok(managed.manager.status()).after.pin->until == at(2'000'000) + seconds{1800});
    managed.clock.advance(seconds{1});
    CHECK(managed.cascade(kHealthy) == Mode::primary);
  }
}

TEST_CASE("a host whose clock is ahead of the store's ends neither a pin nor a dwell") {
  ManualClock shared{at(0)};
  storage::MemoryStorage memory(shared);
  ClockedStorage storage(memory, shared);
  FallbackManager setter(storage, {.recovery = {.dwell = seconds{60}}}, shared);
  ManualClock fast{at(3600)};
  FallbackManager manager(storage, {.recovery = {.dwell = seconds{60}}}, fast);
  SUBCASE("a pin") { ok(setter.set_mode("safe", seconds{1800})); }
  SUBCASE("a dwell") { ok(setter.cascade(failed(2))); }
  CHECK(ok(manager.dry_run(kHealthy)).after.mode == Mode::safe);
  const Evaluation held = ok(manager.cascade(kHealthy));
  CHECK(held.after.mode == Mode::safe);
  REQUIRE(held.store.warnings.size() == 1);
  CHECK(held.store.warnings[0].find("ahead of the store's") != std::string::npos);
  shared.advance(seconds{1801});
  fast.advance(seconds{1801});
  CHECK(ok(manager.cascade(kHealthy)).after.mode == Mode::primary);
  // Nobody's record lies in the future.
  for (const Transition& record : ok(manager.transitions_log())) {
    CHECK(record.timestamp <= shared.now());
  }
}

TEST_CASE("what a host whose clock is behind begins lasts as long as it should") {
  ManualClock shared{at(3600)};
  storage::MemoryStorage memory(shared);
  ClockedStorage storage(memory, shared);
  const FallbackManagerOptions options{.recovery = {.dwell = seconds{60}}};
  ManualClock slow{at(0)};
  FallbackManager setter(storage, options, slow);
  FallbackManager manager(storage, options, shared);
  SUBCASE("a pin") {
    const Evaluation set = ok(setter.set_mode("safe", seconds{60}));
    CHECK(set.after.pin->until == at(3660));
    REQUIRE_FALSE(set.store.warnings.empty());
    CHECK(set.store.warnings.front() ==
          "the clock of this host is 1h behind the store's; the store's counts");
  }
  SUBCASE("a dwell") { ok(setter.cascade(failed(2))); }
  shared.advance(seconds{59});
  CHECK(ok(manager.cascade(kHealthy)).after.mode == Mode::safe);
  shared.advance(seconds{1});
  CHECK(ok(manager.cascade(kHealthy)).after.mode == Mode::primary);
}

TEST_CASE("a host whose clock is ahead shows a pin that holds") {
  ManualClock shared{at(0)};
  storage::MemoryStorage memory(shared);
  ClockedStorage storage(memory, shared);
  FallbackManager setter(storage, {}, shared);
  ManualClock fast{at(3600)};
  FallbackManager manager(storage, {}, fast);
  ok(setter.set_mode("safe", seconds{1800}));
  CHECK(ok(manager.status()).after.pin);
  CHECK(ok(manager.dry_run(kHealthy)).after.pin);
  CHECK(ok(manager.cascade(kHealthy)).after.pin);
  ok(manager.set_mode("safe", seconds{60}));
  const auto newest = ok(TransitionLog(memory, std::chrono::hours{1}).list({})).back();
  CHECK(newest.detail.starts_with("replaces the pin"));
}

TEST_CASE("the store's time is asked for only by who would change something") {
  ManualClock clock{at(0)};
  storage::MemoryStorage memory(clock);
  ClockedStorage storage(memory, clock);
  FallbackManager manager(storage, {}, clock);
  ok(manager.cascade(kHealthy));
  ok(manager.status());
  CHECK(storage.asked == 0);
  ok(manager.cascade(failed(2)));
  CHECK(storage.asked == 1);
  ok(manager.cascade(failed(2)));
  ok(manager.status());
  CHECK(storage.asked == 1);
  CHECK(ok(manager.cascade(kHealthy)).store.warnings.empty());
  CHECK(storage.asked == 2);
}

TEST_CASE("after a pin that replaced another, the reason is that of neither") {
  Managed managed;
  ok(managed.manager.set_mode("safe", std::nullopt, "first"));
  ok(managed.manager.set_mode("safe", std::nullopt, "second"));
  CHECK(ok(managed.manager.status()).after.reason == "second");
  CHECK(ok(managed.manager.release()).after.reason == "the pin was released");
}

TEST_CASE("whatever is done with a pin leaves a record, which says what it replaced") {
  Managed managed;
  managed.cascade(failed(2));
  managed.clock.advance(seconds{1});
  ok(managed.manager.set_mode("safe", std::nullopt, "migration"));
  managed.clock.advance(seconds{1});
  ok(managed.manager.set_mode("safe", seconds{60}, "longer migration"));
  managed.clock.advance(seconds{1});
  const Evaluation released = ok(managed.manager.release());
  CHECK(released.after.reason == "multiple_failures(2)");
  ok(managed.manager.set_mode("safe", seconds{10}, "drill"));
  managed.clock.advance(seconds{10});
  managed.cascade(failed(2));
  const auto records = managed.records();
  REQUIRE(records.size() == 6);
  const char* triggers[] = {"evaluation", "pin", "pin", "release", "pin", "pin_expired"};
  for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].trigger == triggers[i]);
  CHECK(records[1].reason == "migration");
  CHECK(records[2].detail == "replaces the pin of ops@db1: migration");
  CHECK(records[3].reason == "released by ops@db1");
  CHECK(records[3].detail.find("longer migration") != std::string::npos);
  CHECK(records[5].detail.find("drill") != std::string::npos);
  // None of them is a transition.
  CHECK(managed.log().size() == 1);
  CHECK(ok(managed.manager.status()).after.epoch == 1);
}

TEST_CASE("after a release the reason is not that of the pin") {
  Managed managed;
  ok(managed.manager.set_mode("safe", std::nullopt, "migration"));
  CHECK(ok(managed.manager.release()).after.reason == "the pin was released");
  CHECK(ok(managed.manager.status()).after.reason == "the pin was released");
}

TEST_CASE("what is not known holds recovery back, and is no yes") {
  Managed managed;
  managed.cascade(failed(2));
  Decision decision;
  decision.undecided = "3 of 4 components are unknown";
  const ModeState state = ok(decode_mode_state(*ok(managed.storage.get(kModeStateKey))));
  const ModePlan plan = plan_evaluation(state, decision, true, {}, at(10));
  CHECK(plan.next == state);
  CHECK(plan.held.find("3 of 4 components are unknown") != std::string::npos);
}

TEST_CASE("a clock that goes back does not put a record before the one that it follows") {
  Managed managed;
  managed.cascade(failed(2));
  managed.clock.set_now(at(-3600));
  CHECK(managed.cascade(kHealthy) == Mode::primary);
  CHECK(managed.cascade(circuit_open(1)) == Mode::heuristic);
  managed.clock.set_now(at(5));
  CHECK(managed.cascade(failed(2)) == Mode::safe);
  const auto log = managed.log();
  REQUIRE(log.size() == 4);
  CHECK(log[0].timestamp == at(0));
  CHECK(log[1].timestamp == at(0) + Micros{1});
  CHECK(log[2].timestamp == at(0) + Micros{2});
  CHECK(log[3].timestamp == at(5));
  for (std::size_t i = 0; i < log.size(); ++i) {
    CHECK(log[i].epoch == static_cast<std::int64_t>(i) + 1);
  }
}

TEST_CASE("many transitions in one microsecond each have their record") {
  Managed managed;
  for (int i = 0; i < 50; ++i) managed.cascade(i % 2 == 0 ? failed(2) : kHealthy);
  CHECK(managed.log().size() == 50);
}

TEST_CASE("whatever happens, the history is one chain, and its end is the mode") {
  CHECK(rc::check([] {
    Managed managed({.good_evaluations = *rc::gen::inRange(1, 4),
                     .dwell = seconds{*rc::gen::inRange(0, 10)},
                     .stepwise = *rc::gen::arbitrary<bool>()});
    const int steps = *rc::gen::inRange(0, 40);
    for (int i = 0; i < steps; ++i) {
      const auto mode = *rc::gen::element<const char*>("primary", "heuristic", "safe");
      switch (*rc::gen::inRange(0, 6)) {
        case 0: managed.manager.cascade(failed(2)).value(); break;
        case 1: managed.manager.cascade(circuit_open(1)).value(); break;
        case 2: managed.manager.cascade(kHealthy).value(); break;
        case 3: managed.manager.set_mode(mode, seconds{5}).value(); break;
        case 4: managed.manager.release().value(); break;
        default: managed.clock.set_now(at(*rc::gen::inRange(-20, 60)));
      }
    }
    const auto log = managed.manager.transitions_log(1000);
    RC_ASSERT(log.has_value());
    Mode mode = Mode::primary;
    std::int64_t epoch = 0;
    TimePoint last = TimePoint::min();
    for (const Transition& record : *log) {
      RC_ASSERT(record.from == mode);
      RC_ASSERT(record.to != record.from);
      RC_ASSERT(record.epoch == ++epoch);
      RC_ASSERT(record.timestamp > last);
      mode = record.to;
      last = record.timestamp;
    }
    const auto status = managed.manager.status();
    RC_ASSERT(status.has_value());
    RC_ASSERT(status->after.mode == mode);
    RC_ASSERT(status->after.epoch == epoch);
  }));
}

}  // namespace
}  // namespace rz::fallback
