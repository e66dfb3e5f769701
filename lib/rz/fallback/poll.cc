#include "rz/fallback/poll.h"

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

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

std::string vote_key(std::string_view voter) { return std::string(kVotes).append(voter); }
std::string memory_key(std::string_view voter) { return std::string(kHostMemories).append(voter); }

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

}  // namespace rz::fallback
