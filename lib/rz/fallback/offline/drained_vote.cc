#include "rz/fallback/offline/drained_vote.h"

#include <utility>

namespace rz::fallback {

bool is_evaluated(const SpoolEntry& entry) {
  if (entry.attempt || !entry.transition || !entry.transition->changes_mode()) return false;
  const std::string& trigger = entry.transition->trigger;
  return trigger == trigger::kEvaluation || trigger == trigger::kPinExpired;
}

bool is_outvoted(const Transition& record, const std::vector<Vote>& others, int quorum) {
  if (record.to < record.from) return mode_of(others, quorum) > record.to;
  return count_for(others, record.to) + 1 < static_cast<std::size_t>(quorum);
}

Batch vote_of(const Transition& record, Poll found, const VoteOptions& options, TimePoint now) {
  if (options.voter.empty()) return {};
  Election election{.votes = options, .found = std::move(found)};
  election.ballot = Ballot{.memory = election.found.memory};
  if (record.to != Mode::primary) {
    election.ballot->renewed = true;
    election.ballot->vote = Vote{options.voter, record.to, record.reason, now, options.ttl};
  }
  return election.writes(now, record.to < record.from);
}

}  // namespace rz::fallback
