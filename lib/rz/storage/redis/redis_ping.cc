#include "rz/storage/redis/redis_ping.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/try.h"
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

Result<RedisPing> ask_whether_ready(RedisTopology& topology, TryLimit limit,
                                    const StorageUrl& server) {
  RedisOutcome<RedisRoute> route = topology.route("", limit);
  if (!route) return state_or_error(std::move(route).error(), server);
  if (server.kind == StorageUrl::Kind::redis_cluster) return look_at_cluster(*route, limit, server);
  const std::string_view command[] = {"PING"};
  RedisOutcome<RedisReply> reply = ask_once(*route->pool, command, limit);
  if (!reply) {
    return state_or_error(topology.note(*route, std::move(reply).error()), server);
  }
  if (reply->text == "PONG") return RedisPing{};
  return fail(ErrorCode::corrupt, "the answer to PING is not PONG; is this a Redis server?",
              redact(server));
}

RedisOutcome<RedisReply> ask_about(RedisTopology& topology, std::string_view key,
                                   std::span<const std::string_view> command, TryLimit limit) {
  RedisOutcome<RedisRoute> route = topology.route(key, limit);
  if (!route) return tl::unexpected(std::move(route).error());
  return ask_once(*route->pool, command, limit);
}

Result<void> ask_for_info(RedisTopology& topology, TryLimit limit, const StorageUrl& server,
                          RedisPing& ping) {
  const std::string_view command[] = {"INFO"};
  RedisOutcome<RedisReply> reply = ask_about(topology, "", command, limit);
  if (reply) {
    ping.info = std::move(reply->text);
    return {};
  }
  Error error = std::move(reply).error().error;
  error.where = redact(server);
  return fail(std::move(error));
}

// Who may not ask for it is not told.
Result<void> ask_for_save_points(RedisTopology& topology, TryLimit limit, const StorageUrl& server,
                                 RedisPing& ping) {
  const std::string_view command[] = {"CONFIG", "GET", "save"};
  RedisOutcome<RedisReply> reply = ask_about(topology, "", command, limit);
  // The parameter comes as its name and its value.
  if (reply && reply->elements.size() == 2) ping.save = std::move(reply->elements[1].text);
  if (reply || !reply.error().code.empty()) return {};
  Error error = std::move(reply).error().error;
  error.where = redact(server);
  return fail(std::move(error));
}

Result<void> try_to_write(RedisTopology& topology, TryLimit limit, const StorageUrl& server,
                          RedisPing& ping) {
  constexpr std::string_view kKey = "rz:probe";
  const std::string_view command[] = {"SET", kKey, "1", "EX", "3600"};
  RedisOutcome<RedisReply> reply = ask_about(topology, kKey, command, limit);
  if (reply) return {};
  RedisFailure failure = std::move(reply).error();
  failure.error.where = redact(server);
  // Without a code it is no refusal of the server's.
  if (failure.code.empty()) return fail(std::move(failure.error));
  ping.write_error = std::move(failure.error);
  return {};
}

}  // namespace

Result<RedisPing> redis_ping(const StorageOptions& options, RedisQuestions questions) {
  const Result<StorageUrl> server = redis_server_of(options);
  if (!server) return fail(server.error());
  const TryLimit limit = TryLimit::from_now(options.timeout, "the check's timeout");
  const auto topology = make_redis_topology(*server, options);
  TRY_ASSIGN(RedisPing ping, ask_whether_ready(*topology, limit, *server));
  if (ping.state != State::ready) return ping;
  if (questions.info) TRY(ask_for_info(*topology, limit, *server, ping));
  if (questions.save) TRY(ask_for_save_points(*topology, limit, *server, ping));
  if (questions.write) TRY(try_to_write(*topology, limit, *server, ping));
  return ping;
}

}  // namespace rz::storage
