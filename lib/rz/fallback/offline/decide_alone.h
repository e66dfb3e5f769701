#pragma once

#include <functional>
#include <optional>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/election.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_reconciler.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/store_status.h"

namespace rz::fallback {

/// What is asked of ModeKeeper::change().
struct WantedChange {
  /// Makes the change from the mode that a host knows; records nothing.
  std::function<ModeChange(TimePoint now, const ModeState& before)> decide;
  ModeKeeper::Origin origin{};
  Election* election = nullptr;
  const ModeKeeper::CallInState* call = nullptr;
};

/// What ModeKeeper::change() had from the store before that went away.
struct Unwritten {
  std::optional<ModeState> read{};  ///< Nothing: it could not be read.
  /// A write of which it is unknown whether it took effect.
  std::optional<ModeChange> attempt{};
};

/// Decides from the mode that this host knew last, for this host alone, and keeps that in the
/// spool; if that fails, unrecorded, and only a worse mode. `error`: why the store is not asked.
/// Errors: that one, where this host must not decide alone.
Result<ModeChange> decide_alone(const WantedChange& wanted, const Error& error, Unwritten unwritten,
                                StoreStatus status, const ModeReconciler& reconciler,
                                const Clock& clock);

}  // namespace rz::fallback
