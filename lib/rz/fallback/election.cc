#include "rz/fallback/election.h"

#include "rz/base/json.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

// A vote is read by every evaluation of every host, so it is short.
constexpr std::size_t kMaxReason = 200;

std::string encode(const Vote& vote) {
  return to_json(Value::object({{"mode", to_string(vote.mode)},
                                {"reason", ellipsize(vote.reason, kMaxReason)},
                                {"at", format_timestamp(vote.at)},
                                {"ttl_ms", static_cast<std::int64_t>(vote.ttl.count())}}));
}

}  // namespace

bool Election::changes_vote() const {
  if (!ballot) return false;
  if (ballot->vote.has_value() != found.own_bytes.has_value()) return true;
  return ballot->vote && (ballot->renewed || !found.own || ballot->vote->mode != found.own->mode);
}

// A few of all hosts write it, and none more often than needed.
bool Election::must_say_evaluated(TimePoint now) const {
  if (!stale_after || !ballot || !ballot->knows) return false;
  if (!found.evaluated || found.evaluated->at > now) return true;
  return now - found.evaluated->at >= *stale_after / 4;
}

bool Election::changes_memory() const {
  return ballot && (ballot->memory != found.memory || !found.memory_is_stored);
}

bool Election::changes(TimePoint now) const {
  return changes_vote() || changes_memory() || must_say_evaluated(now);
}

// Whether the mode hangs on this vote if another host casts or withdraws its own at the same time.
// Each of the two would otherwise leave the change of the mode to the other.
bool Election::is_pivotal() const {
  const auto quorum = static_cast<std::size_t>(votes.quorum);
  for (const Mode mode : {Mode::heuristic, Mode::safe}) {
    const bool was = found.own && found.own->mode >= mode;
    const bool is = ballot->vote && ballot->vote->mode >= mode;
    const std::size_t others = count_for(found.others, mode);
    if (is && !was && others + 1 < quorum) return true;
    if (was && !is && others == quorum) return true;
  }
  return false;
}

void Election::write_vote(Batch& batch) const {
  batch.expect(vote_key(votes.voter), found.own_bytes);
  if (ballot->vote) {
    batch.set_member(std::string(kVotes), votes.voter, encode(*ballot->vote), ballot->vote->ttl);
  } else {
    batch.remove(vote_key(votes.voter));
  }
  // To renew a vote changes nothing for others.
  const bool same = ballot->vote && found.own && ballot->vote->mode == found.own->mode;
  if (same) return;
  if (is_pivotal()) batch.expect(std::string(kVotesToken), found.token);
  batch.set(std::string(kVotesToken), random_token());
}

void Election::write_memory(Batch& batch) const {
  const std::string key = memory_key(votes.voter);
  batch.expect(key, found.memory_bytes);
  if (ballot->memory.empty()) {
    batch.remove(key);
  } else {
    batch.set(key, to_json(to_stored(ballot->memory)), kHostMemoryLife);
  }
}

Batch Election::writes(TimePoint now, bool recovers) const {
  Batch batch;
  if (recovers) batch.expect(std::string(kVotesToken), found.token);
  if (changes_vote()) write_vote(batch);
  if (changes_memory()) write_memory(batch);
  if (must_say_evaluated(now)) {
    batch.set(std::string(kEvaluatedKey),
              to_json(Value::object({{"at", format_timestamp(now)}, {"host", host}})));
  }
  return batch;
}

}  // namespace rz::fallback
