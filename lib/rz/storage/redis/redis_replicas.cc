#include "rz/storage/redis/redis_replicas.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/duration.h"

namespace rz::storage {
namespace {

constexpr Millis kLongestWait{1'000};

RedisFailure not_on_replicas(std::string_view why) {
  return {
      .error = {ErrorCode::timeout,
                fmt::format("what was written stands on the master, but a failover may lose it: "
                            "{}; see INFO replication there",
                            why),
                {}},
      .maybe_done = true};
}

// What was written before may be there, whatever becomes of this.
RedisOutcome<RedisReply> ask(RedisConnection& connection, const std::vector<std::string>& command,
                             TryLimit limit) {
  const std::vector<std::string_view> views(command.begin(), command.end());
  const Result<std::string> request = encode_command(views);
  RedisOutcome<RedisReply> reply = request ? connection.exchange(*request, limit)
                                           : tl::unexpected(RedisFailure{.error = request.error()});
  if (!reply) reply.error().maybe_done = true;
  return reply;
}

// As the master sees them, those that are just being synchronized left out: address, port, offset.
RedisOutcome<RedisReplicas> connected_replicas(RedisConnection& connection,
                                               const RedisReplicas& expected, TryLimit limit) {
  RedisOutcome<RedisReply> role = ask(connection, {"ROLE"}, limit);
  if (!role) return tl::unexpected(std::move(role).error());
  // A user may not ask (NOPERM).
  if (role->elements.size() < 3) return expected;
  RedisReplicas connected;
  for (const RedisReply& replica : role->elements[2].elements) {
    ++connected.count;
    if (replica.elements.size() < 2) continue;
    connected.addresses.push_back(replica.elements[0].text + ":" + replica.elements[1].text);
  }
  return connected;
}

// A number that is right does not mean that they are the same.
bool has_all(const RedisReplicas& connected, const RedisReplicas& expected) {
  return connected.count >= expected.count &&
         std::all_of(
             expected.addresses.begin(), expected.addresses.end(), [&](const std::string& address) {
               return std::count(connected.addresses.begin(), connected.addresses.end(), address) !=
                      0;
             });
}

}  // namespace

RedisOutcome<void> wait_for_replicas(RedisConnection& connection, const RedisReplicas& expected,
                                     TryLimit limit) {
  const RedisOutcome<RedisReplicas> connected = connected_replicas(connection, expected, limit);
  if (!connected) return tl::unexpected(connected.error());
  if (!has_all(*connected, expected)) {
    return tl::unexpected(not_on_replicas("a replica that lives is not connected to the master"));
  }
  const std::size_t count = connected->count;
  if (count == 0) return {};
  // Half of the time that is left: the answer itself must come within it. 0 would be for ever.
  const Millis wait = std::min(kLongestWait, limit.share(2).length);
  const RedisOutcome<RedisReply> reply =
      ask(connection, {"WAIT", std::to_string(count), std::to_string(wait.count())}, limit);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->type == RedisReply::Type::error) {
    return tl::unexpected(not_on_replicas("whether they have it cannot be asked: " +
                                          translate_reply(*reply, "WAIT").error.message));
  }
  const auto confirmed = static_cast<std::size_t>(std::max<std::int64_t>(reply->integer, 0));
  if (reply->type == RedisReply::Type::integer && confirmed >= count) return {};
  return tl::unexpected(not_on_replicas(fmt::format("{} of {} replicas confirmed it within {}",
                                                    confirmed, count, format_duration(wait))));
}

}  // namespace rz::storage
