#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"

#pragma GCC visibility push(default)
namespace rz {

/// That a host calls for a worse mode than primary. It stands for the `fallback.votes.ttl` of that
/// host, by the store's clock.
struct Vote {
  std::string voter;            ///< The name of the host, or `fallback.votes.voter`.
  Mode mode = Mode::heuristic;  ///< A vote for safe is also one for heuristic.
  std::string reason{};         ///< Of the evaluation that cast or renewed it.
  TimePoint at{};               ///< When that was, by the time that all hosts share.
  Millis ttl{0};                ///< How long it stands from then on.

  bool operator==(const Vote&) const = default;
};

/// The votes that stand, and what follows from them.
struct Votes {
  std::vector<Vote> standing{};  ///< By the names of the voters.
  std::string own{};             ///< The voter that this host is.
  int quorum = 1;                ///< Votes of so many make a mode the system's.
  TimePoint now{};               ///< When they were read, by the time that all hosts share.
  /// Keys of votes that cannot be read: they may call for anything.
  std::vector<std::string> unreadable{};

  /// The worst mode for which `quorum` votes stand.
  Mode mode() const;
};

/// How many of `votes` are for `mode` or a worse one.
std::size_t count_for(std::span<const Vote> votes, Mode mode);

/// The worst mode for which at least `quorum` of `votes` stand; primary needs none.
Mode mode_of(std::span<const Vote> votes, int quorum);

}  // namespace rz
#pragma GCC visibility pop
