#include "rz/fallback/mode_plan.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "fallback/fallback_support.h"

namespace rz::fallback {
namespace {

constexpr auto kMinute = std::chrono::minutes{1};
const Person kOps{"ops", "db1"};

Decision call_for(Mode mode) {
  Decision decision;
  decision.mode = mode;
  decision.reason = "why";
  decision.detail = "who";
  return decision;
}

ModeState in(Mode mode) {
  ModeState state;
  state.mode = mode;
  state.since = at(0);
  state.reason = "before";
  return state;
}

TEST_CASE("a worse mode is entered at once, with its reason") {
  const RecoveryOptions slow{.good_evaluations = 9, .dwell = kMinute, .stepwise = true};
  const ModePlan plan =
      plan_evaluation(in(Mode::primary), call_for(Mode::safe), false, slow, at(1));
  CHECK(plan.next.mode == Mode::safe);
  CHECK(plan.next.reason == "why");
  CHECK(plan.next.detail == "who");
  CHECK(plan.trigger == trigger::kEvaluation);
  CHECK(plan.held == "");
}

TEST_CASE("a better mode waits for evaluations, for the dwell, and for what is not known") {
  const ModeState state = in(Mode::safe);
  const Decision good = call_for(Mode::primary);
  CHECK(plan_evaluation(state, good, true, {}, at(1)).next.mode == Mode::primary);
  const ModePlan counted = plan_evaluation(state, good, true, {.good_evaluations = 2}, at(1));
  CHECK(counted.next.mode == Mode::safe);
  CHECK(counted.next.good_evaluations == 1);
  CHECK(counted.held == "recovery is held back: 1 of 2 good evaluations");
  CHECK(plan_evaluation(counted.next, good, true, {.good_evaluations = 2}, at(2)).next.mode ==
        Mode::primary);
  CHECK(plan_evaluation(state, good, true, {.dwell = kMinute}, at(59)).next.mode == Mode::safe);
  CHECK(plan_evaluation(state, good, true, {.dwell = kMinute}, at(60)).next.mode == Mode::primary);
  CHECK(plan_evaluation(state, good, true, {.stepwise = true}, at(1)).next.mode == Mode::heuristic);
  CHECK(plan_evaluation(state, good, false, {}, at(1)).next == state);
}

TEST_CASE("after a void run the mode gets neither better nor worse") {
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    for (const Mode wanted : {Mode::primary, Mode::safe}) {
      Decision decision = call_for(wanted);
      decision.is_void = true;
      decision.undecided = "no network";
      const ModePlan plan = plan_evaluation(in(mode), decision, true, {}, at(1));
      CHECK(plan.next == in(mode));
      CHECK(plan.held == (wanted == mode ? "" : "the mode stays as it is: no network"));
    }
  }
}

TEST_CASE(
    "while something that does not count is bad, the mode gets no better, but may get worse") {
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    for (const Mode wanted : {Mode::primary, Mode::safe}) {
      Decision decision = call_for(wanted);
      decision.waits_for = "'db' is unhealthy";
      const ModePlan plan = plan_evaluation(in(mode), decision, true, {}, at(1));
      CHECK(plan.next.mode == std::max(mode, wanted));
      CHECK(plan.held == (wanted < mode ? "recovery waits: 'db' is unhealthy" : ""));
    }
  }
}

TEST_CASE("a pin holds until it ends; then evaluation decides, and that is recorded") {
  const ModePlan pinned =
      plan_pin(in(Mode::primary), Mode::heuristic, kMinute, "test", kOps, at(0));
  CHECK(pinned.next.mode == Mode::heuristic);
  CHECK(pinned.next.pin->actor == "ops@db1");
  CHECK(pinned.next.pin->until == at(60));
  CHECK(pinned.trigger == trigger::kManual);
  CHECK(plan_evaluation(pinned.next, call_for(Mode::safe), true, {}, at(59)).next == pinned.next);
  const ModePlan over = plan_evaluation(pinned.next, call_for(Mode::safe), true, {}, at(60));
  CHECK_FALSE(over.next.pin);
  CHECK(over.next.mode == Mode::safe);
  CHECK(over.trigger == trigger::kPinExpired);
}

TEST_CASE("a release takes the pin and leaves the mode; without a pin there is nothing to do") {
  const ModeState pinned =
      plan_pin(in(Mode::primary), Mode::safe, std::nullopt, "test", kOps, at(0)).next;
  const ModePlan plan = plan_release(pinned, kOps);
  CHECK(plan.next.mode == Mode::safe);
  CHECK_FALSE(plan.next.pin);
  CHECK(plan.record_reason == "released by ops@db1");
  CHECK(plan.next.reason == "the pin was released");
  const ModePlan nothing = plan_release(in(Mode::safe), kOps);
  CHECK(nothing.next == in(Mode::safe));
  CHECK(nothing.remark == "nothing is pinned");
}

TEST_CASE("what begins anew is later than all that is to be forgotten") {
  ModeState there = in(Mode::safe);
  there.epoch = 3;
  there.version = 5;
  there.lineage = "old";
  ModeState known = there;
  known.epoch = 7;
  known.version = 9;
  const ModePlan plan = plan_forgetting(there, known, kOps);
  CHECK(plan.next.mode == Mode::primary);
  CHECK(plan.next.epoch == 7);
  CHECK(plan.next.version == 9);
  CHECK(plan.next.lineage != "old");
  CHECK_FALSE(plan.next.ancestors.empty());
  CHECK(plan.record_reason == "begun anew by ops@db1");
}

}  // namespace
}  // namespace rz::fallback
