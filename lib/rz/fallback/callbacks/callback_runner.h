#pragma once

#include <chrono>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/callbacks/owed_callback.h"
#include "rz/fallback/callbacks/registered_callbacks.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_reconciler.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/store_status.h"

namespace rz::fallback {

/// Makes the calls that are owed: claims each, runs it, and removes it from the list, or leaves it
/// there for another try. What a person should know of that goes to a StoreStatus.
///
/// Claims and waits go by the time that all hosts share: by one host's clock alone, a claim could
/// be over for the others while the call still runs. The store is asked for it if calls are owed.
///
/// Each method takes the current `state` and updates it. Owns neither reconciler nor keeper nor
/// callbacks nor clock, which must outlive it. Thread-safe.
class CallbackRunner {
 public:
  /// The reconciler's spool is where a call that is made shows on this host; without one, a claim
  /// alone counts.
  CallbackRunner(ModeReconciler& reconciler, ModeKeeper& keeper,
                 const RegisteredCallbacks& callbacks, Clock& clock)
      : reconciler_(reconciler),
        keeper_(keeper),
        spool_(reconciler.spool()),
        callbacks_(callbacks),
        clock_(clock) {}

  /// Makes the call of a change that was just made, then those that are due.
  void make_calls(const ModeChange& done, ModeState& state, StoreStatus& status);

  /// Makes the calls that others left (they died, or the run failed and is due again), in the order
  /// of their transitions. A call waits while an earlier one of the same mode runs.
  void make_due_calls(ModeState& state, StoreStatus& status);

  /// Whether somebody runs it at `now`, by the time that all hosts share: its claim stands, unless
  /// this host sees that nothing runs any more, or a program runs that its rz has left behind.
  bool is_running(const OwedCallback& owed, TimePoint now) const;

 private:
  /// What one call of make_calls or make_due_calls works with. The store is asked for the time
  /// once; from then on the monotonic clock counts.
  struct Turn {
    ModeState& state;
    StoreStatus& status;
    TimePoint shared;                ///< The time that all hosts share,
    std::chrono::nanoseconds asked;  ///< and the monotonic one at which that was asked for.
  };
  /// Whether a call may be made now.
  enum class ClaimState { held_by_another, free, given_up };
  /// Where a change of the calls is recorded.
  enum class Kept { nowhere, on_this_host, in_store };

  TimePoint now(const Turn& turn) const;
  void make_due_calls(Turn& turn);
  std::string own_folder() const;
  bool waits_here(const OwedCallback& owed, const StoreStatus& status) const;
  /// Commits in one case: a claim by a clock that is ahead begins now.
  ClaimState settle_claim(const OwedCallback& owed, Turn& turn);
  bool is_given_up(const OwedCallback& owed, TimePoint now) const;
  void give_up(const OwedCallback& owed, Turn& turn);
  void claim_and_make(const OwedCallback& owed, Turn& turn);
  bool keep_claim(OwedCallback& owed, Turn& turn);
  void make_call(OwedCallback owed, Turn& turn);
  Result<bool> is_held(const OwedCallback& owed) const;
  Result<std::vector<UniqueFd>> hold(const OwedCallback& owed);
  void forget_run(const OwedCallback& owed);
  Kept change_calls(const OwedCallback& owed, const ModePlanner& planner, Turn& turn);

  ModeReconciler& reconciler_;
  ModeKeeper& keeper_;
  Spool* spool_;
  const RegisteredCallbacks& callbacks_;
  Clock& clock_;
};

}  // namespace rz::fallback
