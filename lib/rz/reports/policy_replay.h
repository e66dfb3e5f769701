#pragma once

#include <string>
#include <vector>

#include "rz/fallback/replay/policy_simulation.h"
#include "rz/fallback/replay/replay_states.h"

namespace rz::reports {

/// What policies would have made of recorded states, side by side.
struct PolicyReplay {
  struct Row {
    std::string policy;  ///< The file that it is from; empty: the defaults.
    fallback::SimulatedHistory history;
  };
  std::string scope{};  ///< Whose states; empty: those of the whole system.
  fallback::ReplayedStates replayed;
  std::vector<Row> rows;
};

}  // namespace rz::reports
