#include "rz/fallback/callbacks/callback_runner.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/process.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/fallback/callbacks/command_callback.h"

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

// A plan that changes the call, unless somebody has claimed it since it was read. One that was made
// for a decision whose first attempt turned out to stand is owed for the attempt by then, under its
// claim.
template <class ChangeCall>
ModePlanner plan_for(const OwedCallback& owed, const ChangeCall& change_call) {
  return [&owed, change_call](const ModeState& found, TimePoint) {
    ModePlan plan{.next = found};
    OwedCallback* same = find_call(plan.next.owed, owed.transition.writer);
    if (same == nullptr) same = find_claimed(plan.next.owed, owed.claim);
    if (same != nullptr && same->claim == owed.claim) change_call(plan.next, *same);
    return plan;
  };
}

}  // namespace

TimePoint CallbackRunner::now(const Turn& turn) const {
  return turn.shared + std::chrono::duration_cast<Micros>(clock_.monotonic() - turn.asked);
}

void CallbackRunner::make_calls(const ModeChange& done, ModeState& state, StoreStatus& status) {
  const auto& transition = done.transition;
  if (!transition) return make_due_calls(state, status);
  if (transition->changes_mode() && done.status.unrecorded) {
    // The warnings tell of a failure. The call cannot be owed, because nothing is recorded.
    CallbackOutput output;
    (void)callbacks_.run(*transition, status.warnings, output);
    return;
  }
  // Who decides has asked for the time that all hosts share.
  Turn turn{state, status, done.now, done.decided};
  const OwedCallback* owed =
      transition->changes_mode() ? find_call(state.owed, transition->writer) : nullptr;
  if (owed != nullptr) make_call(*owed, turn);
  make_due_calls(turn);
}

void CallbackRunner::make_due_calls(ModeState& state, StoreStatus& status) {
  if (state.owed.empty()) return;
  const TimePoint here = clock_.now();
  const TimePoint shared = status.outage ? here : reconciler_.shared_time(here, status);
  Turn turn{state, status, shared, clock_.monotonic()};
  make_due_calls(turn);
}

void CallbackRunner::make_due_calls(Turn& turn) {
  std::set<Mode> busy;
  const std::vector<OwedCallback> all = turn.state.owed;
  for (const OwedCallback& owed : all) {
    const Mode mode = owed.transition.to;
    switch (settle_claim(owed, turn)) {
      case ClaimState::held_by_another: busy.insert(mode); break;
      case ClaimState::given_up: give_up(owed, turn); break;
      case ClaimState::free:
        if (owed.waits(now(turn)) || busy.contains(mode) || !callbacks_.has(mode)) break;
        claim_and_make(owed, turn);
        break;
    }
  }
}

std::string CallbackRunner::own_folder() const {
  return spool_ != nullptr ? spool_->calls().folder_token() : std::string();
}

// Whether what became of a run still waits on this host for the store: another rz that found the
// store away has put it into the spool, and the process that writes it to the store is not done. In
// an outage the state is the one after what waits.
bool CallbackRunner::waits_here(const OwedCallback& owed, const StoreStatus& status) const {
  if (spool_ == nullptr || status.outage) return false;
  const auto view = spool_->peek();
  const auto changes_call = [&](const StateChange& waiting) {
    const OwedCallback* const before = find_call(waiting.before.owed, owed.transition.writer);
    const OwedCallback* const after = find_call(waiting.after.owed, owed.transition.writer);
    if (before == nullptr || owed.asked_at > before->asked_at) return false;
    // What the store does not have yet: a spool that cannot be shortened holds nobody up.
    return after == nullptr || (*after != *before && owed == *before);
  };
  return view && std::any_of(view->entries.begin(), view->entries.end(), changes_call);
}

bool CallbackRunner::is_running(const OwedCallback& owed, TimePoint now) const {
  const Result<bool> held = is_held(owed);
  if (held && *held) return true;
  return owed.is_claimed(now) && !(held && owed.is_abandoned(own_folder()));
}

CallbackRunner::ClaimState CallbackRunner::settle_claim(const OwedCallback& owed, Turn& turn) {
  if (waits_here(owed, turn.status)) return ClaimState::held_by_another;
  // A program that a process started may still run after that process has died.
  const Result<bool> held = is_held(owed);
  const bool running = held && *held;
  const bool abandoned = held && !*held && owed.is_abandoned(own_folder());
  const TimePoint at = now(turn);
  if (!owed.claim.empty() && !abandoned && owed.claimed_at > at) {
    // Claimed by a clock that is ahead of ours: the lease counts from now on, when that was first
    // seen.
    change_calls(
        owed, plan_for(owed, [at](ModeState&, OwedCallback& call) { call.claimed_at = at; }), turn);
    return ClaimState::held_by_another;
  }
  const bool given_up = is_given_up(owed, at);
  if (owed.is_claimed(at) && !abandoned) return ClaimState::held_by_another;
  if (given_up) return ClaimState::given_up;
  return running ? ClaimState::held_by_another : ClaimState::free;
}

// A host without the callback does not know its limits, and leaves the call to the hosts that have
// it, for a week.
bool CallbackRunner::is_given_up(const OwedCallback& owed, TimePoint now) const {
  constexpr Millis kNobodyHasIt{std::chrono::hours{24 * 7}};
  const Mode mode = owed.transition.to;
  if (callbacks_.has(mode)) return owed.is_given_up(callbacks_.limits_of(mode), now);
  return now - owed.asked_at.value_or(owed.transition.timestamp) > kNobodyHasIt;
}

void CallbackRunner::give_up(const OwedCallback& owed, Turn& turn) {
  const Kept dropped =
      change_calls(owed,
                   plan_for(owed,
                            [&, at = now(turn)](ModeState& next, OwedCallback& call) {
                              // A person may have asked for it again since it was read.
                              if (call.asked_at != owed.asked_at) return;
                              end_call(next, call, EndedCallback::How::given_up, at);
                            }),
                   turn);
  if (dropped == Kept::nowhere || find_call(turn.state.owed, owed.transition.writer)) return;
  const std::string age = age_of(owed, now(turn));
  if (!callbacks_.has(owed.transition.to)) {
    turn.status.warnings.push_back(name_of(owed) + " is given up: no host has it, and it is " +
                                   age + " old");
    return;
  }
  turn.status.warnings.push_back(name_of(owed) + " is given up: " + std::to_string(owed.failed) +
                                 " of " +
                                 std::to_string(callbacks_.limits_of(owed.transition.to).attempts) +
                                 " runs failed, and it is " + age + " old");
}

void CallbackRunner::claim_and_make(const OwedCallback& owed, Turn& turn) {
  const CallbackLimits limits = callbacks_.limits_of(owed.transition.to);
  const std::string claim = random_token();
  const TimePoint at = now(turn);
  const Kept claimed =
      change_calls(owed,
                   plan_for(owed,
                            [&](ModeState&, OwedCallback& call) {
                              // Whoever had let its lease run out may have renewed it since, under
                              // its token.
                              if (!owed.claim.empty() && call.claimed_at != owed.claimed_at) return;
                              call.claim_for(claim, limits, at, own_folder());
                            }),
                   turn);
  const OwedCallback* mine = find_call(turn.state.owed, owed.transition.writer);
  if (claimed == Kept::nowhere || mine == nullptr || mine->claim != claim) return;
  // The file that is named after the call is of whoever runs it, be it by another claim.
  const bool is_of_claim = !owed.claim.empty() && owed.claim != owed.transition.writer;
  if (spool_ != nullptr && is_of_claim) spool_->calls().forget(owed.claim);
  turn.status.warnings.push_back(name_of(owed) + " was still owed, " + age_of(owed, at) +
                                 " after its transition, and is run now");
  make_call(*mine, turn);
}

// The lease began before the commit that wrote it. If that was slow, it has used up the time that
// is meant for the end of the program, and the claim is renewed first. Answers whether the lease
// covers a run that begins now. In an outage only this host knows of the claim.
bool CallbackRunner::keep_claim(OwedCallback& owed, Turn& turn) {
  constexpr int kRenewalsMax = 2;
  if (turn.status.outage) return true;
  for (int i = 0; i < kRenewalsMax && owed.needs_renewal(now(turn)); ++i) {
    const CallbackLimits limits = callbacks_.limits_of(owed.transition.to);
    const TimePoint at = now(turn);
    const Kept renewed =
        change_calls(owed,
                     plan_for(owed,
                              [&](ModeState&, OwedCallback& call) {
                                call.claim_for(owed.claim, limits, at, owed.folder);
                              }),
                     turn);
    const OwedCallback* mine = find_call(turn.state.owed, owed.transition.writer);
    if (renewed != Kept::in_store || mine == nullptr || mine->claim != owed.claim) return false;
    owed = *mine;
  }
  return !owed.needs_renewal(now(turn));
}

// Runs a call that this process has claimed, then removes it from the list, or counts the failure.
void CallbackRunner::make_call(OwedCallback owed, Turn& turn) {
  Result<std::vector<UniqueFd>> held = hold(owed);
  if (!held && held.error().code == ErrorCode::timeout) {
    turn.status.warnings.push_back("the " + name_of(owed) +
                                   " is not run, for another rz of this host runs it");
    return;
  }
  if (!held) {
    // Then only the lease keeps others away, and the claim must not say that there is a lock.
    change_calls(owed, plan_for(owed, [](ModeState&, OwedCallback& call) { call.folder.clear(); }),
                 turn);
    owed.folder.clear();
  }
  if (!keep_claim(owed, turn)) {
    if (held) forget_run(owed);
    turn.status.warnings.push_back("the " + name_of(owed) +
                                   " is not run now, for its claim could not be renewed in time: "
                                   "it is still owed");
    return;
  }
  Result<void> ran;
  CallbackOutput output;
  CallbackRun begun(owed.transition);
  begun.current_mode = turn.state.mode;
  begun.late = std::chrono::duration_cast<Millis>(now(turn) - owed.transition.timestamp);
  {
    // A program that outlives this process goes on holding them.
    const InheritedDescriptors locks(held ? std::span<const UniqueFd>(*held)
                                          : std::span<const UniqueFd>());
    ran = callbacks_.run(std::move(begun), turn.status.warnings, output);
  }
  const bool well = ran.has_value();
  // Without an exit code a person must learn why there is none.
  if (!well && !output.exit_code) {
    output.text = to_string(ran.error()) + (output.text.empty() ? "" : "\n" + output.text);
  }
  const CallbackResult result{now(turn), reconciler_.person().host, output.exit_code,
                              cut_text(trim(output.text), kCallbackOutputMax)};
  const Kept kept =
      change_calls(owed,
                   plan_for(owed,
                            [&](ModeState& next, OwedCallback& call) {
                              if (well) {
                                end_call(next, call, EndedCallback::How::ran, result.at, result);
                              } else {
                                call.count_failure(result);
                                ++next.failed_calls;
                              }
                            }),
                   turn);
  // Whoever gets the locks now can learn what became of the run.
  if (held) forget_run(owed);
  if (kept == Kept::nowhere) {
    turn.status.warnings.push_back("the run of the " + name_of(owed) +
                                   " could not be recorded: it may be run again");
  }
}

// A run has two locks: of its claim, and of the call. By the claim those see it who know the call
// by another decision for the same transition; by the call, those who could not learn of the claim,
// for the store was away when it was made.
Result<bool> CallbackRunner::is_held(const OwedCallback& owed) const {
  if (spool_ == nullptr) return false;
  auto held = spool_->calls().is_held(owed.transition.writer);
  const bool is_one = owed.claim.empty() || owed.claim == owed.transition.writer;
  return !held || *held || is_one ? held : spool_->calls().is_held(owed.claim);
}

// The locks of a run, none where there is no spool. Errors: timeout (another process of this host
// runs the call), and those of CallLocks::hold().
Result<std::vector<UniqueFd>> CallbackRunner::hold(const OwedCallback& owed) {
  std::vector<UniqueFd> locks;
  if (spool_ == nullptr) return locks;
  for (const std::string* name : {&owed.transition.writer, &owed.claim}) {
    if (!locks.empty() && *name == owed.transition.writer) continue;
    auto lock = spool_->calls().hold(*name);
    if (!lock) return fail(std::move(lock).error());
    locks.push_back(std::move(*lock));
  }
  return locks;
}

// Before its locks are given back: afterwards the files may be of another run.
void CallbackRunner::forget_run(const OwedCallback& owed) {
  if (spool_ == nullptr) return;
  spool_->calls().forget(owed.transition.writer);
  if (owed.claim != owed.transition.writer) spool_->calls().forget(owed.claim);
}

// Where the change was recorded. The turn's state is then the one after it.
CallbackRunner::Kept CallbackRunner::change_calls(const OwedCallback& owed,
                                                  const ModePlanner& planner, Turn& turn) {
  StoreStatus& status = turn.status;
  const ModeKeeper::CallInState call{owed.transition.writer, turn.state};
  auto done =
      keeper_.change(planner, ModeKeeper::Origin::bookkeeping, status.outage, nullptr, &call);
  if (!done)
    status.add_warnings(
        {"the calls that are owed could not be recorded: " + to_string(done.error())});
  if (!done || done->status.unrecorded) return Kept::nowhere;
  turn.state = done->after;
  status.spooled = done->status.spooled;
  status.orders = done->status.orders;
  if (done->status.outage) {
    // Found away just now, or the turn would know: what is recorded here alone must be said.
    if (!status.outage)
      status.add_warnings({"the store went away: what became of the " + name_of(owed) +
                           " waits on this host for it"});
    return Kept::on_this_host;
  }
  // If the store went away since, the doubts are about what this host knew before; but the mode of
  // this answer is from the store.
  status.add_findings(std::move(done->status));
  return Kept::in_store;
}

}  // namespace rz::fallback
