#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/host_memory.h"
#include "rz/fallback/poll.h"
#include "rz/fallback/vote.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// How long the memory of a host that evaluates no more is kept.
inline constexpr Millis kHostMemoryLife{std::chrono::hours{24 * 7}};

/// What one evaluation leaves.
struct Ballot {
  std::optional<Vote> vote{};  ///< What this host calls for from now on; nothing: primary.
  bool renewed = false;  ///< Whether the vote, the same as before, stands for its whole time again.
  HostMemory memory{};
  bool knows = true;  ///< Whether the evaluation knew what it answered.
};

/// The votes as one evaluation finds and leaves them, in whose name and by which rules.
struct Election {
  VoteOptions votes{};  ///< With the voter's name.
  std::optional<Millis> stale_after{};
  std::string host{};
  Poll found{};
  bool is_cut_off = false;  ///< The store is away: there is nobody else.
  /// What a planner answers with; nothing: all stays as it was found.
  std::optional<Ballot> ballot{};

  /// Whether the vote of this host is cast, renewed, changed or withdrawn.
  bool changes_vote() const;
  /// Whether what the host remembers is to be stored.
  bool changes_memory() const;
  /// Whether it is to be noted that somebody has evaluated.
  bool must_say_evaluated(TimePoint now) const;
  /// Whether anything is to be written.
  bool changes(TimePoint now) const;
  /// What is to be written, and what must still be as it was found. `recovers`: a better mode is
  /// entered with it, which a vote that was cast meanwhile may speak against.
  Batch writes(TimePoint now, bool recovers) const;

 private:
  bool is_pivotal() const;
  void write_vote(Batch& batch) const;
  void write_memory(Batch& batch) const;
};

}  // namespace rz::fallback
