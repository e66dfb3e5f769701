#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "rz/base/byte_source.h"
#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/replay/policy_simulation.h"

namespace rz::fallback {

/// What was replayed.
struct ReplayedStates {
  std::int64_t states = 0;
  std::optional<TimePoint> since{};  ///< Of the first state; nothing: there was none.
  std::optional<TimePoint> until{};  ///< Of the last.
};

/// Runs every recorded state of `source`, which is called `name`, through each of `policies`. Empty
/// lines are skipped. Errors: those of the source, parse for a line that is no recorded state, and
/// those of a rule; `where` is `NAME:LINE`.
Result<ReplayedStates> replay_states(ByteSource& source, const std::string& name,
                                     std::span<PolicySimulation> policies);

}  // namespace rz::fallback
