#pragma once

#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode_store.h"
#include "rz/runtime/runtime.h"

namespace rz::runtime {

/// The history of the store, with what waited on this host for it.
struct History {
  fallback::TransitionLog log;
  bool whole = true;  ///< Whether it has all that this host knows of.
};

/// The history, to be read. Errors: those of Runtime::reconcile() and
/// Runtime::storage_of_mode().
Result<History> open_history(Runtime& runtime, Reconcile what = Reconcile::all);

/// The history as the store has it; nothing is written before. Errors: those of Runtime::storage().
Result<fallback::TransitionLog> open_history_as_it_is(Runtime& runtime);

/// The mode beside the history that open_history_to_change() has opened.
Result<fallback::ModeStore> mode_of_history(Runtime& runtime);

/// The history, to be changed; decisions that are waiting are written first.
/// Errors: also those of Runtime::lasting_storage().
Result<fallback::TransitionLog> open_history_to_change(Runtime& runtime);

}  // namespace rz::runtime
