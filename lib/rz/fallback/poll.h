#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/host_memory.h"
#include "rz/fallback/vote.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// The votes that stand, a collection; the store lets each expire.
inline constexpr std::string_view kVotes = "fallback:vote:";
/// A token that is new after each vote that was cast, changed or withdrawn. A recovery expects the
/// one that it was decided on, so that it cannot pass a vote that it has not seen.
inline constexpr std::string_view kVotesToken = "fallback:votes";
/// Where a host's memory is: this and the voter.
inline constexpr std::string_view kHostMemories = "fallback:host:";
/// When the last evaluation was; written only where fallback.stale_after asks for it.
inline constexpr std::string_view kEvaluatedKey = "fallback:evaluated";

/// The key of a voter's vote, and that of what its host remembers.
std::string vote_key(std::string_view voter);
std::string memory_key(std::string_view voter);

/// An evaluation that knew what it answered.
struct LastEvaluation {
  TimePoint at{};  ///< By the time that all hosts share.
  std::string host;
};

/// What one evaluation finds: who calls for what, and what its host remembers.
struct Poll {
  std::vector<Vote> others{};  ///< Votes of all voters but this one.
  std::optional<Vote> own{};   ///< That of this one.
  HostMemory memory{};
  bool memory_is_stored = true;  ///< Else it comes from an outage, and the store has an older one.
  std::vector<std::string> unreadable{};  ///< Keys of votes that cannot be read.
  /// The mode that others were known to call for when their votes cannot be read: in an outage, and
  /// after the store has lost them. It holds recovery.
  Mode others_known = Mode::primary;
  std::optional<LastEvaluation> evaluated{};  ///< Nothing: never, or it was not asked for.

  // What was stored.
  std::optional<std::string> token{};
  std::optional<std::string> own_bytes{};
  std::optional<std::string> memory_bytes{};
};

/// What read_poll() will ask for, to be read ahead.
ReadSet poll_read_set(std::string_view voter, bool evaluated);

/// Reads the votes, the memory of `voter` and, if asked, when the last evaluation was. A vote that
/// cannot be read is named in the answer. Errors: those of the store.
Result<Poll> read_poll(Storage& storage, const std::string& voter, bool evaluated);

/// The votes alone, for who has none of its own: all are those of others. Errors: those of the
/// store.
Result<Poll> read_votes(Storage& storage);

/// What takes all votes away, and what `voter` remembers. Errors: those of the store.
Result<Batch> forget_votes(Storage& storage, const std::string& voter);

/// Nothing if it cannot be read.
std::optional<LastEvaluation> last_evaluation_from(std::string_view json);

}  // namespace rz::fallback
