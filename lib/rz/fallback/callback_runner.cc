#include "rz/fallback/callback_runner.h"

#include <set>
#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/random_token.h"

namespace rz {
namespace {

std::string name_of(const OwedCallback& owed) {
  const Transition& transition = owed.transition;
  return "callback for " + std::string(to_string(transition.to)) +
         (transition.epoch ? " (epoch " + std::to_string(*transition.epoch) + ")" : "");
}

std::string age_of(const OwedCallback& owed, TimePoint now) {
  return humanize_duration(now - owed.transition.timestamp);
}

// A plan that changes the call as long as it is still claimed as it was found.
template <class ChangeCall>
ModePlanner plan_for(const OwedCallback& owed, const ChangeCall& change_call) {
  return [&owed, change_call](const ModeState& found, TimePoint at) {
    ModePlan plan{found, {}, {}, {}, {}, {}};
    OwedCallback* same = find_call(plan.next.owed, owed.transition.writer);
    if (same != nullptr && same->claim == owed.claim) change_call(plan.next, *same, at);
    return plan;
  };
}

}  // namespace

void CallbackRunner::make_calls(const ModeChange& done, ModeState& state, StoreStatus& status) {
  const auto& transition = done.entry.transition;
  if (transition && transition->changes_mode()) {
    if (done.status.unrecorded) {
      // That it failed is among the warnings, and nobody can be owed what is not kept.
      (void)callbacks_.run(*transition, status.warnings);
      return;
    }
    if (const OwedCallback* owed = find_call(state.owed, transition->writer)) {
      make_call(OwedCallback(*owed), state, status);
    }
  }
  make_due_calls(state, status);
}

void CallbackRunner::make_due_calls(ModeState& state, StoreStatus& status) {
  std::set<Mode> busy;
  const std::vector<OwedCallback> all = state.owed;
  for (const OwedCallback& owed : all) {
    const TimePoint now = clock_.now();
    const Mode mode = owed.transition.to;
    switch (turn_of(owed, now, state, status)) {
      case Turn::of_another: busy.insert(mode); break;
      case Turn::given_up: give_up(owed, now, state, status); break;
      case Turn::nobodys:
        if (owed.waits(now) || busy.contains(mode) || !callbacks_.has(mode)) break;
        claim_and_make(owed, now, state, status);
        break;
    }
  }
}

CallbackRunner::Turn CallbackRunner::turn_of(const OwedCallback& owed, TimePoint now,
                                             ModeState& state, StoreStatus& status) {
  // What a process started may go on when it has died.
  const bool running = spool_ != nullptr && !owed.claim.empty() && spool_->call_is_held(owed.claim);
  const bool abandoned = !running && owed.is_abandoned();
  if (!owed.claim.empty() && !abandoned && owed.claimed_at > now) {
    // By a clock that is ahead of ours: the lease counts from now on, when that was first seen.
    change_calls(
        plan_for(owed, [](ModeState&, OwedCallback& call, TimePoint at) { call.claimed_at = at; }),
        state, status);
    return Turn::of_another;
  }
  const bool given_up = is_given_up(owed, now);
  if (owed.is_claimed(now) && !abandoned) return Turn::of_another;
  if (given_up) return Turn::given_up;
  return running ? Turn::of_another : Turn::nobodys;
}

// The limits are those of whoever has the callback; a host without it knows them not, and leaves
// the call to the others, unless they have had a week.
bool CallbackRunner::is_given_up(const OwedCallback& owed, TimePoint now) const {
  constexpr Millis kNobodyHasIt{std::chrono::hours{24 * 7}};
  const Mode mode = owed.transition.to;
  if (callbacks_.has(mode)) return owed.is_given_up(callbacks_.limits_of(mode), now);
  return now - owed.transition.timestamp > kNobodyHasIt;
}

void CallbackRunner::give_up(const OwedCallback& owed, TimePoint now, ModeState& state,
                             StoreStatus& status) {
  const bool dropped = change_calls(
      plan_for(owed, [&owed](ModeState& next, OwedCallback&,
                             TimePoint) { remove_call(next.owed, owed.transition.writer); }),
      state, status);
  if (!dropped) return;
  if (!callbacks_.has(owed.transition.to)) {
    status.warnings.push_back(name_of(owed) + " is given up: no host has it, and it is " +
                              age_of(owed, now) + " old");
    return;
  }
  status.warnings.push_back(name_of(owed) + " is given up: " + std::to_string(owed.attempts) +
                            " of " +
                            std::to_string(callbacks_.limits_of(owed.transition.to).attempts) +
                            " runs failed, and it is " + age_of(owed, now) + " old");
}

void CallbackRunner::claim_and_make(const OwedCallback& owed, TimePoint now, ModeState& state,
                                    StoreStatus& status) {
  const CallbackLimits limits = callbacks_.limits_of(owed.transition.to);
  const std::string claim = random_token();
  const bool claimed =
      change_calls(plan_for(owed, [&](ModeState&, OwedCallback& call,
                                      TimePoint at) { call.claim_for(claim, limits, at); }),
                   state, status);
  const OwedCallback* mine = find_call(state.owed, owed.transition.writer);
  if (!claimed || mine == nullptr || mine->claim != claim) return;
  if (spool_ != nullptr && !owed.claim.empty()) spool_->forget_call(owed.claim);
  status.warnings.push_back(name_of(owed) + " was still owed, " + age_of(owed, now) +
                            " after its transition, and is run now");
  make_call(OwedCallback(*mine), state, status);
}

// Runs what this process has claimed, and takes it off the list, or gives it back for later.
void CallbackRunner::make_call(const OwedCallback& owed, ModeState& state, StoreStatus& status) {
  bool well = false;
  {
    // Where it cannot be held, the lease alone keeps others away.
    Result<UniqueFd> held;
    if (spool_ != nullptr) held = spool_->hold_call(owed.claim);
    well = callbacks_.run(owed.transition, status.warnings).has_value();
  }
  if (spool_ != nullptr) spool_->forget_call(owed.claim);
  const bool kept = change_calls(plan_for(owed,
                                          [&](ModeState& next, OwedCallback& call, TimePoint at) {
                                            if (well) {
                                              remove_call(next.owed, owed.transition.writer);
                                            } else {
                                              call.count_failure(at);
                                            }
                                          }),
                                 state, status);
  if (!kept) {
    status.warnings.push_back("that the " + name_of(owed) +
                              " was run could not be kept: it may be run again");
  }
}

// Whether it was done, in the store or in the spool. `state` is then what holds.
bool CallbackRunner::change_calls(const ModePlanner& planner, ModeState& state,
                                  StoreStatus& status) {
  auto done = keeper_.change(planner, ModeKeeper::Origin::bookkeeping, status.outage);
  if (!done) status.add_warnings({"what is owed could not be kept: " + to_string(done.error())});
  if (!done || done->status.unrecorded) return false;
  state = done->entry.after;
  status.spooled = done->status.spooled;
  status.orders = done->status.orders;
  // In an outage since then, its doubts are about what was known before; the mode is from the
  // store.
  if (!done->status.outage) status.add_findings(std::move(done->status));
  return true;
}

}  // namespace rz
