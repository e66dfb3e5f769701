// Calls that are owed: claimed, made, and taken off the list.

#include <algorithm>
#include <set>

#include "rz/base/duration.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/manager.h"

namespace rz {
namespace {

OwedCallback* find_call(ModeState& state, const std::string& token) {
  for (OwedCallback& owed : state.owed) {
    if (owed.transition.writer == token) return &owed;
  }
  return nullptr;
}

std::string name_of(const OwedCallback& owed) {
  const Transition& transition = owed.transition;
  return "callback for " + std::string(to_string(transition.to)) +
         (transition.epoch ? " (epoch " + std::to_string(*transition.epoch) + ")" : "");
}

}  // namespace

void FallbackManager::register_mode_callback(Mode mode, ModeCallback callback,
                                             CallbackLimits limits) {
  std::lock_guard lock(mutex_);
  callbacks_[mode].push_back(std::move(callback));
  limits_[mode] = limits;
}

bool FallbackManager::has_callbacks(Mode mode) const {
  std::lock_guard lock(mutex_);
  return callbacks_.contains(mode);
}

CallbackLimits FallbackManager::limits_of(Mode mode) const {
  std::lock_guard lock(mutex_);
  const auto found = limits_.find(mode);
  return found == limits_.end() ? CallbackLimits{} : found->second;
}

// All of them, also after one that failed; the first error is returned, each is told.
Result<void> FallbackManager::run_callbacks(const Transition& transition,
                                            StoreStatus& status) const {
  std::vector<ModeCallback> callbacks;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = callbacks_.find(transition.to); found != callbacks_.end()) {
      callbacks = found->second;
    }
  }
  Result<void> all;
  for (const ModeCallback& callback : callbacks) {
    auto done = callback(transition);
    if (done) continue;
    status.warnings.push_back("callback for " + std::string(to_string(transition.to)) + ": " +
                              to_string(done.error()));
    if (all) all = std::move(done);
  }
  return all;
}

// Those of a transition that was just made come first.
void FallbackManager::make_calls(const Change& done, ModeState& state, StoreStatus& status) {
  const auto& transition = done.entry.transition;
  if (transition && transition->changes_mode()) {
    if (done.status.unrecorded) {
      (void)run_callbacks(*transition, status);
      return;
    }
    if (const OwedCallback* owed = find_call(state, transition->writer)) {
      make_call(OwedCallback(*owed), state, status);
    }
  }
  make_due_calls(state, status);
}

// What others left: they died, or it failed and is due again. In the order of transitions, and not
// before an earlier one of the same mode that somebody is at.
void FallbackManager::make_due_calls(ModeState& state, StoreStatus& status) {
  std::set<Mode> busy;
  const std::vector<OwedCallback> all = state.owed;
  for (const OwedCallback& owed : all) {
    const TimePoint now = clock_.now();
    const Mode mode = owed.transition.to;
    const std::string token = owed.transition.writer;
    const CallbackLimits limits = limits_of(mode);
    // What a process started may go on when it has died.
    const bool running = options_.spool != nullptr && !owed.claim.empty() &&
                         options_.spool->call_is_held(owed.claim);
    const bool abandoned = !running && owed.is_abandoned();
    const bool ahead = !owed.claim.empty() && !abandoned && owed.claimed_at > now;
    if (ahead) {
      // By a clock that is ahead of ours: the lease counts from now on, when that was first seen.
      change_calls(
          [&](const ModeState& found, TimePoint at) {
            ModePlan plan{found, {}, {}, {}, {}, {}};
            OwedCallback* same = find_call(plan.next, token);
            if (same != nullptr && same->claim == owed.claim) same->claimed_at = at;
            return plan;
          },
          state, status);
    }
    const bool given_up = owed.is_given_up(limits, now);
    const bool claimed_by_other = (owed.is_claimed(now) && !abandoned) || (running && !given_up);
    if (ahead || claimed_by_other) {
      busy.insert(mode);
      continue;
    }
    if (given_up) {
      const bool dropped = change_calls(
          [&](const ModeState& found, TimePoint) {
            ModePlan plan{found, {}, {}, {}, {}, {}};
            std::erase_if(plan.next.owed, [&](const OwedCallback& each) {
              return each.transition.writer == token && each.claim == owed.claim;
            });
            return plan;
          },
          state, status);
      if (dropped) {
        status.warnings.push_back(name_of(owed) + " is given up: " + std::to_string(owed.attempts) +
                                  " of " + std::to_string(limits.attempts) +
                                  " runs failed, and it is " +
                                  humanize_duration(now - owed.transition.timestamp) + " old");
      }
      continue;
    }
    if (owed.waits(now) || busy.contains(mode) || !has_callbacks(mode)) continue;
    const std::string claim = random_token();
    const bool claimed = change_calls(
        [&](const ModeState& found, TimePoint at) {
          ModePlan plan{found, {}, {}, {}, {}, {}};
          OwedCallback* same = find_call(plan.next, token);
          if (same != nullptr && same->claim == owed.claim) same->claim_for(claim, limits, at);
          return plan;
        },
        state, status);
    const OwedCallback* mine = find_call(state, token);
    if (!claimed || mine == nullptr || mine->claim != claim) continue;
    if (options_.spool != nullptr && !owed.claim.empty()) options_.spool->forget_call(owed.claim);
    status.warnings.push_back(name_of(owed) + " was still owed, " +
                              humanize_duration(now - owed.transition.timestamp) +
                              " after its transition, and is run now");
    make_call(OwedCallback(*mine), state, status);
  }
}

// Runs what this process has claimed, and takes it off the list, or gives it back for later.
void FallbackManager::make_call(const OwedCallback& owed, ModeState& state, StoreStatus& status) {
  bool well = false;
  {
    // Where it cannot be held, the lease alone keeps others away.
    Result<UniqueFd> held;
    if (options_.spool != nullptr) held = options_.spool->hold_call(owed.claim);
    well = run_callbacks(owed.transition, status).has_value();
  }
  if (options_.spool != nullptr) options_.spool->forget_call(owed.claim);
  const bool kept = change_calls(
      [&](const ModeState& found, TimePoint at) {
        ModePlan plan{found, {}, {}, {}, {}, {}};
        OwedCallback* same = find_call(plan.next, owed.transition.writer);
        if (same == nullptr || same->claim != owed.claim) return plan;
        if (!well) {
          same->count_failure(at);
          return plan;
        }
        std::erase_if(plan.next.owed, [&](const OwedCallback& each) {
          return each.transition.writer == owed.transition.writer;
        });
        return plan;
      },
      state, status);
  if (!kept) {
    status.warnings.push_back("that the " + name_of(owed) +
                              " was run could not be kept: it may be run again");
  }
}

// Whether it was done, in the store or in the spool. `state` is then what holds.
bool FallbackManager::change_calls(const ModePlanner& planner, ModeState& state,
                                   StoreStatus& status) {
  auto done = change(planner, Origin::bookkeeping, status.outage);
  if (!done || done->status.unrecorded) return false;
  state = done->entry.after;
  status.spooled = done->status.spooled;
  // In an outage since then, its doubts are about what was known before; the mode is from the
  // store.
  if (!done->status.outage) status.add_findings(std::move(done->status));
  return true;
}

}  // namespace rz
