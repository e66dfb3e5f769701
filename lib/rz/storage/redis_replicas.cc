#include "rz/storage/redis_replicas.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "rz/base/duration.h"

namespace rz {
namespace {

constexpr Millis kLongest{1'000};

RedisFailure on_master_alone(std::string_view why) {
  return {.error = {ErrorCode::timeout,
                    fmt::format("what was written stands on the master alone, and a failover may "
                                "lose it: {}; see ROLE and INFO replication there",
                                why),
                    {}},
          .maybe_done = true};
}

RedisOutcome<RedisReply> ask(RedisConnection& connection, const std::vector<std::string>& command,
                             TryLimit limit) {
  const std::vector<std::string_view> views(command.begin(), command.end());
  const Result<std::string> request = encode_command(views);
  if (!request) return tl::unexpected(RedisFailure{.error = request.error()});
  return connection.exchange(*request, limit);
}

// As the master sees them, those that are just being synchronized left out.
RedisOutcome<std::size_t> count_replicas(RedisConnection& connection, TryLimit limit) {
  RedisOutcome<RedisReply> role = ask(connection, {"ROLE"}, limit);
  if (!role) return tl::unexpected(std::move(role).error());
  // A user who may not ask (NOPERM) counts on one.
  if (role->elements.size() < 3) return std::size_t{1};
  return role->elements[2].elements.size();
}

}  // namespace

RedisOutcome<void> wait_for_replicas(RedisConnection& connection, RedisReplicas replicas,
                                     TryLimit limit) {
  if (replicas == RedisReplicas::none) return {};
  const RedisOutcome<std::size_t> count = count_replicas(connection, limit);
  if (!count) return tl::unexpected(count.error());
  if (*count == 0) {
    if (replicas == RedisReplicas::possible) return {};
    return tl::unexpected(on_master_alone("no replica is connected to it"));
  }
  // Half of the time that is left: the answer itself must come within it. 0 would be for ever.
  const Millis wait = std::max(std::min(kLongest, limit.share(2).length), Millis{1});
  const RedisOutcome<RedisReply> reply =
      ask(connection, {"WAIT", std::to_string(*count), std::to_string(wait.count())}, limit);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->type == RedisReply::Type::error) {
    return tl::unexpected(on_master_alone("whether the replicas have it cannot be asked: " +
                                          translate_reply(*reply, "WAIT").error.message));
  }
  const auto confirmed = static_cast<std::size_t>(std::max<std::int64_t>(reply->integer, 0));
  if (reply->type == RedisReply::Type::integer && confirmed >= *count) return {};
  return tl::unexpected(on_master_alone(fmt::format("{} of {} replicas confirmed it within {}",
                                                    confirmed, *count, format_duration(wait))));
}

}  // namespace rz
