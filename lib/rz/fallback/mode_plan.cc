#include "rz/fallback/mode_plan.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/random_token.h"
#include "rz/fallback/offline/store_memory.h"

namespace rz::fallback {
namespace {

// A time that is ahead of the clock must not hold a pin for ever, nor end a dwell at once. What
// would count from it counts from when it was first seen, and that time is stored.
void note_first_seen(std::optional<TimePoint>& first_seen, TimePoint now) {
  if (!first_seen || *first_seen > now) first_seen = now;
}

void settle_future_times(ModeState& state, const RecoveryOptions& recovery, TimePoint now) {
  if (state.pin && state.pin->set_at > now) note_first_seen(state.pin_from, now);
  if (recovery.dwell > Millis{0} && state.since > now) note_first_seen(state.dwell_from, now);
}

// Once the pin is gone, its reason is no longer that of the mode.
void take_pin_away(ModeState& state, const std::string& reason) {
  if (state.reason == state.pin->reason) state.reason = reason;
  state.pin.reset();
  state.pin_from.reset();
}

// A dwell of a second is a century after so many.
constexpr int kDoublingsMax = 31;

// A mode that comes back soon after it was left is one that was left too soon. `at` is when `next`,
// which follows `before` by an evaluation, is entered.
void count_comeback(const ModeState& before, ModeState& next, const RecoveryOptions& recovery,
                    TimePoint at) {
  if (recovery.dwell_max == Millis{0}) return;
  if (next.mode < before.mode) {
    next.comebacks[static_cast<std::size_t>(before.mode)].left_at = at;
    return;
  }
  Comebacks& mode = next.comebacks[static_cast<std::size_t>(next.mode)];
  if (!mode.left_at) return;
  const auto quiet_periods = std::max(at - *mode.left_at, Micros{0}) / recovery.dwell_max;
  if (quiet_periods == 0) {
    mode.doublings = std::min(mode.doublings + 1, kDoublingsMax);
  } else {
    mode.doublings = static_cast<int>(std::max<std::int64_t>(mode.doublings - quiet_periods, 0));
  }
}

}  // namespace

Micros time_in_mode(const ModeState& state, TimePoint now) {
  const TimePoint from = state.since > now ? state.dwell_from.value_or(now) : state.since;
  return std::max(now - from, Micros{0});
}

std::string why_not_recover(const Decision& decision, bool complete) {
  // The unread part may hold the failure for which the mode was entered.
  if (!complete) {
    return "recovery waits for the store: not all that it knows of components, circuit breakers "
           "and retries can be read";
  }
  if (!decision.undecided.empty())
    return "recovery waits until more is known: " + decision.undecided;
  if (!decision.waits_for.empty()) return "recovery waits: " + decision.waits_for;
  return {};
}

Micros dwell_of(const ModeState& state, const RecoveryOptions& recovery) {
  Micros dwell = recovery.dwell;
  const Micros most = std::max<Micros>(recovery.dwell, recovery.dwell_max);
  const int doublings = state.comebacks[static_cast<std::size_t>(state.mode)].doublings;
  for (int i = 0; i < doublings && dwell < most; ++i) dwell = std::min(2 * dwell, most);
  return dwell;
}

Micros dwell_left(const ModeState& state, const RecoveryOptions& recovery, TimePoint now) {
  return std::max(dwell_of(state, recovery) - time_in_mode(state, now), Micros{0});
}

std::string describe_hold(const RecoveryOptions& recovery, std::int64_t good, Micros window_left,
                          Micros dwell_left) {
  const std::int64_t needed = recovery.good_evaluations;
  std::string held = "recovery is held back: " + std::to_string(std::min(good, needed)) + " of " +
                     std::to_string(needed) + " good evaluations";
  if (window_left > Micros{0}) held += ", " + humanize_duration(window_left) + " of window left";
  if (dwell_left > Micros{0}) held += ", " + humanize_duration(dwell_left) + " of dwell left";
  return held;
}

ModePlan plan_evaluation(const ModeState& state, const Decision& decision, bool complete,
                         const RecoveryOptions& recovery, TimePoint now) {
  ModePlan plan{.next = state, .trigger = trigger::kEvaluation, .detail = decision.detail};
  settle_future_times(plan.next, recovery, now);
  if (plan.next.pin) {
    if (plan.next.pinned(now)) return plan;
    plan.detail = "the pin of " + describe(*plan.next.pin);
    take_pin_away(plan.next, "the pin has expired");
    plan.trigger = trigger::kPinExpired;
    plan.record_reason = "the pin has expired";
  }
  Mode target = decision.mode;
  if (decision.is_void) {
    // Neither better nor worse: what rules make of counts that nobody knows says nothing.
    if (target != state.mode) plan.held = "the mode stays as it is: " + decision.undecided;
    return plan;
  }
  if (target < state.mode) {
    plan.held = why_not_recover(decision, complete);
    if (!plan.held.empty()) return plan;
    const std::int64_t good = state.good_evaluations + 1;
    const Micros left = dwell_left(plan.next, recovery, now);
    if (good < recovery.good_evaluations || left > Micros{0}) {
      plan.next.good_evaluations = good;
      plan.held = describe_hold(recovery, good, Micros{0}, left);
      return plan;
    }
    if (recovery.stepwise) target = static_cast<Mode>(static_cast<int>(state.mode) - 1);
  }
  plan.next.good_evaluations = 0;
  plan.next.mode = target;
  if (target != state.mode) {
    plan.next.reason = decision.reason;
    plan.next.detail = decision.detail;
    count_comeback(state, plan.next, recovery, now);
  }
  return plan;
}

ModePlan plan_pin(const ModeState& state, Mode mode, std::optional<Millis> lasting,
                  const std::string& reason, const Person& by, TimePoint now) {
  const bool changes = mode != state.mode;
  ModePlan plan{.next = state,
                .trigger = changes ? trigger::kManual : trigger::kPin,
                .record_reason = reason};
  if (state.pin) {
    plan.detail =
        (state.pinned(now) ? "replaces the pin of " : "after the pin of ") + describe(*state.pin);
    // The mode now has the reason of the new pin.
    if (!changes) take_pin_away(plan.next, reason);
  }
  plan.next.mode = mode;
  plan.next.good_evaluations = 0;
  plan.next.pin = Pin{std::nullopt, reason, by.name(), now};
  plan.next.pin_from.reset();
  if (lasting) plan.next.pin->until = now + *lasting;
  if (changes) {
    plan.next.reason = reason;
    plan.next.detail.clear();
  }
  return plan;
}

ModePlan plan_release(const ModeState& state, const Person& by) {
  ModePlan plan{.next = state, .trigger = trigger::kRelease};
  if (!state.pin) {
    plan.remark = "nothing is pinned";
    return plan;
  }
  plan.record_reason = "released by " + by.name();
  plan.detail = "the pin of " + describe(*state.pin);
  take_pin_away(plan.next, "the pin was released");
  return plan;
}

ModePlan plan_forgetting(const ModeState& state, const std::optional<ModeState>& known,
                         const Person& by) {
  ModePlan plan{.trigger = trigger::kForgotten, .record_reason = "begun anew by " + by.name()};
  if (state.pin) plan.detail = "the pin of " + describe(*state.pin);
  ModeState& next = plan.next;
  const ModeState older = known.value_or(ModeState{});
  next.reason = *plan.record_reason;
  next.epoch = std::max(state.epoch, older.epoch);
  next.since = std::max(state.since, older.since);
  next.recorded_at = std::max(state.recorded_at, older.recorded_at);
  next.version = std::max(state.version, older.version);
  next.entered = state.entered;
  next.failed_calls = state.failed_calls;
  next.lineage = random_token();
  next.begun_anew = Beginning{next.lineage, by.name()};
  take_place_of(next, state);
  take_place_of(next, older);
  return plan;
}

}  // namespace rz::fallback
