#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/callbacks/registered_callbacks.h"
#include "rz/fallback/election.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_reconciler.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/state_change.h"
#include "rz/fallback/store_status.h"

namespace rz::fallback {

/// A decision that was recorded, or that needed no change.
struct ModeChange : StateChange {
  std::string held{};
  std::string remark{};
  StoreStatus status{};
  TimePoint now{};  ///< When it was decided: by the store's clock where this host's differs.
  std::chrono::nanoseconds decided{};  ///< The same time as Clock::monotonic() tells it.
};

struct Unwritten;

/// Changes the mode by plans: in the store; if that is away, in the spool; if that fails too and
/// the mode is worse, unrecorded.
///
/// Owns neither reconciler nor callbacks nor clock, which must outlive it. Thread-safe. Errors of
/// every call: those of Storage, and corrupt for a state that cannot be read.
class ModeKeeper {
 public:
  /// Who wants the change. An order of a person is recorded, or it is an error; bookkeeping is what
  /// becomes of calls, which decides nothing.
  enum class Origin { evaluation, order, bookkeeping };

  /// A call, by the token of its transition, and a state that owed it when it was read last.
  struct CallInState {
    const std::string& token;
    const ModeState& read;
  };

  /// `callbacks` tells for which modes a transition owes a call.
  ModeKeeper(ModeReconciler& reconciler, const RegisteredCallbacks& callbacks, Clock& clock)
      : reconciler_(reconciler),
        store_(reconciler.store()),
        spool_(reconciler.spool()),
        callbacks_(callbacks),
        clock_(clock) {}

  /// Makes a plan from the mode that holds, and records it. `outage`: why the store was found away
  /// before; it is then not asked again. The planner of bookkeeping gets the time of this host:
  /// who counts calls has asked for that of the store.
  ///
  /// `election` is that of an evaluation: before the planner is called it has what this host finds,
  /// and the ballot that the planner leaves in it is recorded together with the plan. While the
  /// store is away no votes are found, and what the host remembers is kept here.
  ///
  /// `call`: which one bookkeeping is about. Where this host has to decide alone from what waits in
  /// its spool, that may not know the call.
  Result<ModeChange> change(const ModePlanner& planner, Origin origin,
                            const std::optional<Error>& outage = std::nullopt,
                            Election* election = nullptr, const CallInState* call = nullptr);

  /// Resets the mode, in the store and on this host, also where the old state cannot be read.
  /// Errors: also those of a store that is away.
  Result<ModeChange> forget();

  /// What change() would do for an evaluation. Changes nothing anywhere; the answer has the states
  /// before and after, with tokens that nobody will see again, and no record.
  Result<ModeChange> rehearse(const ModePlanner& planner, Election* election = nullptr) const;

 private:
  /// What change() is asked for.
  struct Request {
    const ModePlanner& planner;
    Origin origin;
    Election* election;
    const CallInState* call;
  };
  Result<std::optional<ModeChange>> try_change(const Request& request,
                                               std::optional<TimePoint>& place,
                                               StoreStatus& status);
  /// `planner`: that of the request, or one that holds recovery. `away`: why the store is not
  /// asked.
  Result<ModeChange> change_without_store(const Request& request, const ModePlanner& planner,
                                          const Error& away, Unwritten unwritten,
                                          StoreStatus status);
  void keep_uncast(const Election& election, const HostNotes& notes, const Error& error,
                   const ModeStore::Snapshot& before, const HostTime& seen, StoreStatus& status);
  Result<void> read_election(Election& election, const HostNotes& notes,
                             const ModeState& there) const;
  Result<Commit> write(const ModeStore::Snapshot& before, const ModeChange& change,
                       const Election* election, StoreStatus& status);
  /// `place`: the earliest time that the record may have.
  ModeChange decide_at(TimePoint now, const ModePlanner& planner, const ModeState& before,
                       std::optional<TimePoint> place) const;
  TimePoint time_to_decide(const ModePlanner& planner, const ModeState& before,
                           const Election* election, HostTime& here, StoreStatus& status) const;

  ModeReconciler& reconciler_;
  ModeStore& store_;
  Spool* spool_;  ///< Null: there is no place for decisions without the store.
  const RegisteredCallbacks& callbacks_;
  Clock& clock_;
};

}  // namespace rz::fallback
