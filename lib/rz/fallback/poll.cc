#include "rz/fallback/poll.h"

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

// A vote is read by every evaluation of every host, so it is short.
constexpr std::size_t kMaxReason = 200;

std::string memory_key(std::string_view voter) { return std::string(kHostMemories).append(voter); }
std::string vote_key(std::string_view voter) { return std::string(kVotes).append(voter); }

std::string encode(const Vote& vote) {
  return to_json(Value::object({{"mode", to_string(vote.mode)},
                                {"reason", ellipsize(vote.reason, kMaxReason)},
                                {"at", format_timestamp(vote.at)},
                                {"ttl_ms", static_cast<std::int64_t>(vote.ttl.count())}}));
}

std::optional<Vote> vote_from(const KeyValue& member) {
  const auto value = parse_json(member.value);
  if (!value) return std::nullopt;
  const auto mode = parse_mode(text_or(*value, "mode"));
  const auto at = parse_timestamp(text_or(*value, "at"));
  if (!mode || *mode == Mode::primary || !at) return std::nullopt;
  return Vote{member.key.substr(kVotes.size()), *mode, text_or(*value, "reason"), *at,
              Millis{integer_or(*value, "ttl_ms")}};
}

void take_members(const std::vector<KeyValue>& members, const std::string& voter, Poll& poll) {
  const std::string own_key = vote_key(voter);
  for (const KeyValue& member : members) {
    const bool own = member.key == own_key;
    if (own) poll.own_bytes = member.value;
    auto vote = vote_from(member);
    if (!vote) {
      // This host will say anew what it calls for; what another one does is unknown.
      if (!own) poll.unreadable.push_back(member.key);
    } else if (own) {
      poll.own = std::move(vote);
    } else {
      poll.others.push_back(*std::move(vote));
    }
  }
}

}  // namespace

std::optional<LastEvaluation> last_evaluation_from(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return std::nullopt;
  const auto at = parse_timestamp(text_or(*value, "at"));
  if (!at) return std::nullopt;
  return LastEvaluation{*at, text_or(*value, "host")};
}

ReadSet poll_read_set(std::string_view voter, bool evaluated) {
  ReadSet what;
  what.keys = {std::string(kVotesToken), memory_key(voter)};
  if (evaluated) what.keys.emplace_back(kEvaluatedKey);
  what.collections.emplace_back(kVotes);
  return what;
}

// The token is read before the votes: a vote that is cast in between makes it an old one.
Result<Poll> read_poll(Storage& storage, const std::string& voter, bool evaluated) {
  const ReadSet what = poll_read_set(voter, evaluated);
  auto values = storage.get_many(what.keys);
  if (!values) return fail(std::move(values).error());
  const auto members = storage.read_collection(kVotes);
  if (!members) return fail(members.error());
  Poll poll;
  poll.token = std::move((*values)[0]);
  poll.memory_bytes = std::move((*values)[1]);
  if (poll.memory_bytes) {
    if (const auto memory = parse_json(*poll.memory_bytes)) poll.memory = host_memory_from(*memory);
  }
  if (evaluated && (*values)[2]) poll.evaluated = last_evaluation_from(*(*values)[2]);
  take_members(*members, voter, poll);
  return poll;
}

Result<Poll> read_votes(Storage& storage) {
  const auto members = storage.read_collection(kVotes);
  if (!members) return fail(members.error());
  Poll poll;
  take_members(*members, {}, poll);
  return poll;
}

Result<Batch> forget_votes(Storage& storage, const std::string& voter) {
  const auto members = storage.read_collection(kVotes);
  if (!members) return fail(members.error());
  Batch batch;
  for (const KeyValue& member : *members) batch.remove(member.key);
  batch.remove(memory_key(voter));
  batch.set(std::string(kVotesToken), random_token());
  return batch;
}

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
  const auto quorum = static_cast<std::size_t>(options.quorum);
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
  batch.expect(vote_key(options.voter), found.own_bytes);
  if (ballot->vote) {
    batch.set_member(std::string(kVotes), options.voter, encode(*ballot->vote), ballot->vote->ttl);
  } else {
    batch.remove(vote_key(options.voter));
  }
  // To renew a vote changes nothing for others.
  const bool same = ballot->vote && found.own && ballot->vote->mode == found.own->mode;
  if (same) return;
  if (is_pivotal()) batch.expect(std::string(kVotesToken), found.token);
  batch.set(std::string(kVotesToken), random_token());
}

void Election::write_memory(Batch& batch) const {
  const std::string key = memory_key(options.voter);
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
