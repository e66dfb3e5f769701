#pragma once

#include "rz/base/clock.h"
#include "rz/fallback/mode_callbacks.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/owed_callback.h"
#include "rz/fallback/store_status.h"

namespace rz::fallback {

/// Makes the calls that are owed: claims each, runs it, and removes it from the list, or leaves it
/// there for another try. What a person should know of that goes to a StoreStatus.
///
/// Each method takes the current `state` and updates it. Owns neither keeper
/// nor spool nor callbacks nor clock, which must outlive it. Thread-safe.
class CallbackRunner {
 public:
  /// `spool`: where a call that is made shows on this host; null: nowhere, and a claim alone
  /// counts.
  CallbackRunner(ModeKeeper& keeper, Spool* spool, const ModeCallbacks& callbacks, Clock& clock)
      : keeper_(keeper), spool_(spool), callbacks_(callbacks), clock_(clock) {}

  /// Makes the call of a change that was just made, then those that are due.
  void make_calls(const ModeChange& done, ModeState& state, StoreStatus& status);

  /// Makes the calls that others left (they died, or the run failed and is due again), in the order
  /// of their transitions. A call waits while an earlier one of the same mode runs.
  void make_due_calls(ModeState& state, StoreStatus& status);

 private:
  /// Whether a call may be made now.
  enum class ClaimState { held_by_another, free, given_up };
  ClaimState claim_state(const OwedCallback& owed, TimePoint now, ModeState& state,
                         StoreStatus& status);
  bool is_given_up(const OwedCallback& owed, TimePoint now) const;
  void give_up(const OwedCallback& owed, TimePoint now, ModeState& state, StoreStatus& status);
  void claim_and_make(const OwedCallback& owed, TimePoint now, ModeState& state,
                      StoreStatus& status);
  void make_call(const OwedCallback& owed, ModeState& state, StoreStatus& status);
  bool change_calls(const ModePlanner& planner, ModeState& state, StoreStatus& status);

  ModeKeeper& keeper_;
  Spool* spool_;
  const ModeCallbacks& callbacks_;
  Clock& clock_;
};

}  // namespace rz::fallback
