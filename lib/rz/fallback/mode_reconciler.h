#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/callbacks/registered_callbacks.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/restore.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/store_status.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// Where the mode is kept, and in whose name.
struct ModeReconcilerOptions {
  std::string actor{};
  std::string host{};
  std::shared_ptr<Spool> spool{};  ///< Null: there is no place for decisions without the store.
  Millis retention{0};             ///< How long a record of the history lives.
  Millis max_age_offline{0};       ///< See FallbackManagerOptions.
  VoteOptions votes{};             ///< With the voter's name.
};

/// The mode that holds, and how far that answer can be trusted.
struct KnownMode {
  ModeState state{};
  TimePoint now{};  ///< When that is: by the store's clock where this host's differs.
  StoreStatus status{};
};

/// Brings the store and this host to agree on the mode, and tells which one holds: what the store
/// says, or, in an outage, what this host knew last.
///
/// What is decided in an outage is ModeKeeper's. Before the store is believed, it gets the
/// decisions that wait in the spool and what it has lost; afterwards this host remembers what it
/// has seen. So read() writes, to both; peek() does not. All that a person should know of that goes
/// to a StoreStatus.
///
/// Owns neither storage nor clock nor callbacks, which must outlive it. Thread-safe. Errors of
/// every call: those of Storage, and corrupt for a state that cannot be read.
class ModeReconciler {
 public:
  /// `callbacks` tells for which modes a transition owes a call.
  ModeReconciler(Storage& storage, ModeReconcilerOptions options,
                 const RegisteredCallbacks& callbacks, Clock& clock);

  /// The mode that holds now, after reconcile(), or what this host knew last.
  Result<KnownMode> read(AskHistory ask = AskHistory::yes);

  /// The mode that holds now, without changing anything anywhere: decisions that wait here count as
  /// if they were in the store already, unless others have decided meanwhile.
  Result<KnownMode> peek() const;

  /// Brings the decisions that wait here and what the store has lost into the store, then reads it.
  /// `notes` gets what this host has kept beside the state, as far as there is something.
  /// Errors: those of the store; a spool that cannot be read keeps nobody from the store.
  Result<ModeStore::Snapshot> reconcile(StoreStatus& status, AskHistory ask = AskHistory::yes,
                                        HostNotes* notes = nullptr);

  /// Keeps `state`, which the store held at `seen`, for an outage; and `notes`, in place of those
  /// that were kept. Answers whether that succeeded; what prevents it is a warning where a person
  /// `ordered` the change, else a note.
  bool remember(const ModeState& state, const HostTime& seen, bool ordered, StoreStatus& status,
                const std::optional<HostNotes>& notes = std::nullopt);

  /// ModeStore::shared_time(); `status` gets the warning.
  TimePoint shared_time(TimePoint now, StoreStatus& status) const;

  /// The time to decide by while the store is away, on a host that holds `view`: no later than the
  /// store's clock can be, as far as that is known. A clock that is ahead, or was set forward
  /// since, would end the pins of others.
  TimePoint offline_time(const SpoolView& view, StoreStatus& status) const;

  /// Adds to `status` that the store is away, what waits for it in `view`, and every doubt about
  /// what this host knew last.
  void describe_outage(const Error& outage, const SpoolView& view, StoreStatus& status) const;

  ModeStore& store() { return store_; }
  const ModeStore& store() const { return store_; }
  Person person() const { return {options_.actor, options_.host}; }
  const VoteOptions& votes() const { return options_.votes; }
  Spool* spool() const { return options_.spool.get(); }  ///< Null: there is none.

 private:
  Result<KnownMode> read_offline(const Error& outage, StoreStatus status) const;
  TimePoint time_to_show(const ModeState& state, HostTime& here, StoreStatus& status) const;
  void complete_restored(ModeState& next, Transition& record) const;

  ModeStore store_;
  ModeReconcilerOptions options_;
  const RegisteredCallbacks& callbacks_;
  Clock& clock_;
};

/// The error of an outage on a host that has nothing to go on with.
tl::unexpected<Error> mode_never_known(const Error& outage);

}  // namespace rz::fallback
