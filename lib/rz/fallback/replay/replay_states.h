#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/byte_source.h"
#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/replay/policy_simulation.h"

namespace rz::fallback {

/// Recorded states of one host or of several, and what they are called in errors.
struct StateSource {
  ByteSource* bytes = nullptr;  ///< Not owned.
  std::string name{};
};

/// How many states of a source are looked at to put those in order that are not.
inline constexpr std::size_t kReorderedStates = 1024;

/// What was replayed.
struct ReplayedStates {
  std::int64_t states = 0;
  std::int64_t of_other_scopes = 0;  ///< That were left out.
  std::optional<TimePoint> since{};  ///< Of the earliest state; nothing: there was none.
  std::optional<TimePoint> until{};  ///< Of the latest.
};

/// Runs every recorded state of `scope` (empty: of the whole system) through each of `policies`, in
/// the order of their times, from all sources at once. A source that several hosts have written may
/// be out of order a little: each state is replayed once kReorderedStates after it are known, or
/// fewer where they are long. Empty lines are skipped.
/// Errors: those of the sources, parse for a line that is no recorded state, whatever its scope,
/// and for one that is earlier than what of its source was replayed before, and those of a rule;
/// `where` is `NAME:LINE`.
Result<ReplayedStates> replay_states(std::span<const StateSource> sources, std::string_view scope,
                                     std::span<PolicySimulation> policies);

}  // namespace rz::fallback
