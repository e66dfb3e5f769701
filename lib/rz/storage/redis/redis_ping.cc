#include "rz/storage/redis/redis_ping.h"

#include <string>
#include <string_view>
#include <utility>

#include "rz/storage/redis/redis_topology.h"

namespace rz::storage {
namespace {

using State = RedisPing::State;

constexpr std::pair<std::string_view, State> kStates[] = {{"LOADING", State::loading},
                                                          {"MASTERDOWN", State::master_down},
                                                          {"BUSY", State::busy},
                                                          {"CLUSTERDOWN", State::cluster_down}};

// A state, if the server answered with the error that stands for it.
Result<RedisPing> state_or_error(RedisFailure failure, const StorageUrl& server) {
  for (const auto& [code, state] : kStates) {
    if (failure.code == code) return RedisPing{state, std::move(failure.error.message)};
  }
  failure.error.where = redact(server);
  return fail(std::move(failure.error));
}

// PING does not tell whether a cluster is whole.
Result<RedisPing> look_at_cluster(const RedisRoute& route, TryLimit limit,
                                  const StorageUrl& server) {
  const std::string_view command[] = {"CLUSTER", "INFO"};
  const RedisOutcome<RedisReply> reply = ask_once(*route.pool, command, limit);
  if (!reply) return state_or_error(reply.error(), server);
  if (reply->text.find("cluster_state:ok") != std::string::npos) return RedisPing{};
  const RedisReply down{.type = RedisReply::Type::error, .text = "CLUSTERDOWN"};
  return state_or_error(translate_reply(down, command[0]), server);
}

}  // namespace

Result<RedisPing> redis_ping(const StorageOptions& options) {
  const Result<StorageUrl> server = redis_server_of(options);
  if (!server) return fail(server.error());
  const TryLimit limit = TryLimit::from_now(options.timeout, "the check's timeout");
  const auto topology = make_redis_topology(*server, options);
  RedisOutcome<RedisRoute> route = topology->route("", limit);
  if (!route) return state_or_error(std::move(route).error(), *server);
  if (server->kind == StorageUrl::Kind::redis_cluster)
    return look_at_cluster(*route, limit, *server);
  const std::string_view command[] = {"PING"};
  RedisOutcome<RedisReply> reply = ask_once(*route->pool, command, limit);
  if (!reply) {
    return state_or_error(topology->note(*route, std::move(reply).error()), *server);
  }
  if (reply->text == "PONG") return RedisPing{};
  return fail(ErrorCode::corrupt, "the answer to PING is not PONG; is this a Redis server?",
              redact(*server));
}

}  // namespace rz::storage
