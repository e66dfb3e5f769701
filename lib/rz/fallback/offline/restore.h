#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"

namespace rz::fallback {

/// Whether the store's own history is searched for the mode where its key is gone and this host
/// knows none. Commands that only show the history do not: a copy of a history in a store of its
/// own never had a mode.
enum class AskHistory { no, yes };

/// What a store has lost: what it held, and a sentence for people.
struct Loss {
  ModeState known;
  std::string sentence;
};

/// Whether the store, which holds `there`, has lost what `known` says was seen in it, or what its
/// own history says, whichever is the later. Errors: those of the store.
Result<std::optional<Loss>> find_loss(const ModeStore& store, const ModeStore::Snapshot& there,
                                      const std::optional<ModeState>& known, AskHistory ask);

/// Says in the record who puts the state back, and adds to the state what is owed for that.
using RestoredHook = std::function<void(ModeState& next, Transition& record)>;

/// What a store holds after restore_if_lost().
struct RestoredStore {
  ModeStore::Snapshot now;
  std::string store_lost;    ///< What it had lost, for people; empty: nothing.
  std::string begun_anew{};  ///< See describe_beginning().
  std::string overruled{};   ///< See describe_overruled().
};

/// Reads the mode, and puts back what `known` says where the store has lost it: one commit, with a
/// record (trigger `restored`), so that of many hosts the first does it and the others agree.
/// `now`: by this host's clock; where something was lost, the store's counts.
/// Errors: those of the store.
Result<RestoredStore> restore_if_lost(ModeStore& store, const std::optional<ModeState>& known,
                                      AskHistory ask, TimePoint now,
                                      std::vector<std::string>& warnings,
                                      const RestoredHook& on_restored = {});

}  // namespace rz::fallback
