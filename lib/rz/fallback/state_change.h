#pragma once

#include <optional>

#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_state.h"

namespace rz::fallback {

/// What a decision makes of the mode's state, or bookkeeping of the calls that it keeps.
struct StateChange {
  ModeState before;  ///< What it was decided on.
  ModeState after;   ///< `writer` is the token by which its write is recognised in the store.
  std::optional<Transition> transition;  ///< Nothing: no record (a good evaluation, a call done).

  bool anything() const { return after != before; }

  bool operator==(const StateChange&) const = default;
};

}  // namespace rz::fallback
