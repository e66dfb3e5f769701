#include "rz/storage/redis_ping.h"

#include <string_view>
#include <utility>

#include "rz/storage/redis_connector.h"

namespace rz {
namespace {

using State = RedisPing::State;

constexpr std::pair<std::string_view, State> kStates[] = {
    {"LOADING", State::loading}, {"MASTERDOWN", State::master_down}, {"BUSY", State::busy}};

// A state, if the server answered with the error that stands for it.
Result<RedisPing> state_or_error(RedisFailure failure, const StorageUrl& server) {
  for (const auto& [code, state] : kStates) {
    if (failure.code == code) return RedisPing{state, std::move(failure.error.message)};
  }
  failure.error.where = redact(server);
  return fail(std::move(failure.error));
}

}  // namespace

Result<RedisPing> redis_ping(const StorageOptions& options) {
  const Result<StorageUrl> server = redis_server_of(options);
  if (!server) return fail(server.error());
  const TryLimit limit = TryLimit::from_now(options.timeout);
  RedisConnector connector(tls_options_of(*server, options));
  RedisOutcome<RedisConnection> connection = connector.open(*server, limit);
  if (!connection) return state_or_error(std::move(connection).error(), *server);
  const std::string_view command[] = {"PING"};
  const Result<std::string> request = encode_command(command);
  if (!request) return fail(request.error());
  RedisOutcome<RedisReply> reply = connection->exchange(*request, limit);
  if (!reply) return state_or_error(std::move(reply).error(), *server);
  if (reply->type == RedisReply::Type::error) {
    return state_or_error(translate_reply(*reply, command[0]), *server);
  }
  if (reply->text == "PONG") return RedisPing{};
  return fail(ErrorCode::corrupt, "the answer to PING is not PONG; is this a Redis server?",
              redact(*server));
}

}  // namespace rz
