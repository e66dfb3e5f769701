#pragma once

#include "rz/base/clock.h"
#include "rz/fallback/mode_callbacks.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/owed_callback.h"
#include "rz/fallback/store_status.h"

namespace rz {

/// Makes the calls that are owed: claims each, runs it, and takes it off the list, or gives it back
/// for later. What a person should know of that goes to a StoreStatus.
///
/// In every call `state` is what holds, and is kept up with what becomes of it. Owns neither keeper
/// nor spool nor callbacks nor clock, which must outlive it. Thread-safe.
class CallbackRunner {
 public:
  /// `spool`: where a call that is made shows on this host; null: nowhere, and a claim alone
  /// counts.
  CallbackRunner(ModeKeeper& keeper, Spool* spool, const ModeCallbacks& callbacks, Clock& clock)
      : keeper_(keeper), spool_(spool), callbacks_(callbacks), clock_(clock) {}

  /// The call of a change that was just made, then those that are due.
  void make_calls(const ModeChange& done, ModeState& state, StoreStatus& status);

  /// What others left: they died, or it failed and is due again. In the order of transitions, and
  /// not before an earlier one of the same mode that somebody is at.
  void make_due_calls(ModeState& state, StoreStatus& status);

 private:
  /// Of a call: whose it is at a time.
  enum class Turn { of_another, nobodys, given_up };
  Turn turn_of(const OwedCallback& owed, TimePoint now, ModeState& state, StoreStatus& status);
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

}  // namespace rz
