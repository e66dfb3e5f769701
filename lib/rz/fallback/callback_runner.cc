#include "rz/fallback/callback_runner.h"

#include <set>
#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/random_token.h"

namespace rz::fallback {
namespace {

std::string name_of(const OwedCallback& owed) {
  const Transition& transition = owed.transition;
  return "callback for " + std::string(to_string(transition.to)) +
         (transition.epoch ? " (epoch " + std::to_string(*transition.epoch) + ")" : "");
}

std::string age_of(const OwedCallback& owed, TimePoint now) {
  return humanize_duration(now - owed.transition.timestamp);
}

// A plan that changes the call, unless somebody has claimed it since it was read.
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
      // The warnings tell of a failure. The call cannot be owed, because nothing is recorded.
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
    switch (claim_state(owed, now, state, status)) {
      case ClaimState::held_by_another: busy.insert(mode); break;
      case ClaimState::given_up: give_up(owed, now, state, status); break;
      case ClaimState::free:
        if (owed.waits(now) || busy.contains(mode) || !callbacks_.has(mode)) break;
        claim_and_make(owed, now, state, status);
        break;
    }
  }
}

CallbackRunner::ClaimState CallbackRunner::claim_state(const OwedCallback& owed, TimePoint now,
                                                       ModeState& state, StoreStatus& status) {
  // A program that a process started may still run after that process has died.
  const bool running = spool_ != nullptr && !owed.claim.empty() && spool_->call_is_held(owed.claim);
  const bool abandoned = !running && owed.is_abandoned();
  if (!owed.claim.empty() && !abandoned && owed.claimed_at > now) {
    // Claimed by a clock that is ahead of ours: the lease counts from now on, when that was first
    // seen.
    change_calls(
        plan_for(owed, [](ModeState&, OwedCallback& call, TimePoint at) { call.claimed_at = at; }),
        state, status);
    return ClaimState::held_by_another;
  }
  const bool given_up = is_given_up(owed, now);
  if (owed.is_claimed(now) && !abandoned) return ClaimState::held_by_another;
  if (given_up) return ClaimState::given_up;
  return running ? ClaimState::held_by_another : ClaimState::free;
}

// A host without the callback does not know its limits, and leaves the call to the hosts that have
// it, for a week.
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

// Runs a call that this process has claimed, then removes it from the list, or counts the failure.
void CallbackRunner::make_call(const OwedCallback& owed, ModeState& state, StoreStatus& status) {
  bool well = false;
  {
    // If the file cannot be locked, only the lease keeps others away.
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
    status.warnings.push_back("the run of the " + name_of(owed) +
                              " could not be recorded: it may be run again");
  }
}

// Whether the change was recorded, in the store or in the spool. `state` is then the one after it.
bool CallbackRunner::change_calls(const ModePlanner& planner, ModeState& state,
                                  StoreStatus& status) {
  auto done = keeper_.change(planner, ModeKeeper::Origin::bookkeeping, status.outage);
  if (!done)
    status.add_warnings(
        {"the calls that are owed could not be recorded: " + to_string(done.error())});
  if (!done || done->status.unrecorded) return false;
  state = done->entry.after;
  status.spooled = done->status.spooled;
  status.orders = done->status.orders;
  // If the store went away since, the doubts are about what this host knew before; but the mode of
  // this answer is from the store.
  if (!done->status.outage) status.add_findings(std::move(done->status));
  return true;
}

}  // namespace rz::fallback
