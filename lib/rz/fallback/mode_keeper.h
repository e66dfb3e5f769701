#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_callbacks.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_entry.h"
#include "rz/fallback/offline/spool_replay.h"
#include "rz/fallback/store_status.h"
#include "rz/storage/storage.h"

namespace rz {

/// Where the mode is kept, and in whose name.
struct ModeKeeperOptions {
  std::string actor{};
  std::string host{};
  std::shared_ptr<Spool> spool{};  ///< Null: there is no place for decisions without the store.
  Millis retention{0};
  Millis max_age_offline{0};
};

/// A mode and the way to it: what holds, and what became of the store.
struct KnownMode {
  ModeState state{};
  TimePoint now{};  ///< When that is: by the store's clock where this host's differs.
  StoreStatus status{};
};

/// What was decided and kept, or found to need no change.
struct ModeChange {
  SpoolEntry entry{};
  std::string held{};
  std::string remark{};
  StoreStatus status{};
  TimePoint now{};  ///< When it was decided: by the store's clock where this host's differs.

  bool anything() const { return entry.after != entry.before; }
};

/// Carries plans out: in the store, else in the spool, else, if the mode is worse, unrecorded. Here
/// is all that there is to know of outages: what waits here is brought to the store, and what the
/// store has lost is given back to it, before the store is believed.
///
/// Owns neither storage nor clock nor callbacks, which must outlive it. Thread-safe. Errors of
/// every call: those of Storage, and corrupt for a state that cannot be read.
class ModeKeeper {
 public:
  /// Whether a person ordered it: then it is kept, or it is an error.
  enum class Origin { evaluation, order, bookkeeping };

  /// `callbacks` tells for which modes a transition owes a call.
  ModeKeeper(Storage& storage, ModeKeeperOptions options, const ModeCallbacks& callbacks,
             Clock& clock);

  /// Plans on the mode that holds, and keeps what was planned. `outage`: the store was found away
  /// before, and is not asked again.
  Result<ModeChange> change(const ModePlanner& planner, Origin origin,
                            const std::optional<Error>& outage = std::nullopt);

  /// Starts anew, in the store and on this host. What cannot be read is forgotten, too. Errors:
  /// also where the store is away.
  Result<ModeChange> forget();

  /// What holds now, once the store has all that waits here.
  Result<KnownMode> known(AskHistory ask = AskHistory::yes);

  /// What holds now, without changing anything anywhere: what waits here will be in the store
  /// first, unless others have decided meanwhile.
  Result<KnownMode> peek() const;

  /// What change() would do for an evaluation, without changing anything anywhere: `entry` holds
  /// the state and the plan's, without tokens, epoch or record.
  Result<ModeChange> rehearse(const ModePlanner& planner) const;

  TransitionLog& log() { return store_.log(); }
  Person person() const { return {options_.actor, options_.host}; }
  Spool* spool() const { return options_.spool.get(); }  ///< Null: there is none.

 private:
  Result<ModeChange> change_offline(const ModePlanner& planner, const Error& error,
                                    std::optional<ModeChange> attempt, StoreStatus status,
                                    Origin origin);
  Result<ModeChange> change_unrecorded(const ModePlanner& planner, const Error& error,
                                       std::optional<ModeState> read, StoreStatus status,
                                       Origin origin) const;
  ModeChange decide(const ModePlanner& planner, const ModeState& before) const;
  /// `place`: the record must not be before that.
  ModeChange decide_at(TimePoint now, const ModePlanner& planner, const ModeState& before,
                       std::optional<TimePoint> place) const;
  TimePoint time_to_decide(const ModePlanner& planner, const ModeState& before,
                           StoreStatus& status) const;
  TimePoint time_to_show(const ModeState& state, StoreStatus& status) const;
  TimePoint shared_time(TimePoint now, StoreStatus& status) const;
  void owe_calls(ModeState& next, const Transition& record) const;
  Result<ModeStore::Snapshot> reach(StoreStatus& status, AskHistory ask = AskHistory::yes);
  Result<KnownMode> known_offline(const Error& outage, StoreStatus status) const;
  void tell_offline(const Error& outage, const SpoolView& view, StoreStatus& status) const;
  bool remember(const ModeState& state, TimePoint seen, Origin origin, StoreStatus& status);

  ModeStore store_;
  ModeKeeperOptions options_;
  const ModeCallbacks& callbacks_;
  Clock& clock_;
};

}  // namespace rz
