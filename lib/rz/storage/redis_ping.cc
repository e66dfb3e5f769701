#include "rz/storage/redis_ping.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "rz/storage/redis_connection.h"

namespace rz {
namespace {

using SteadyClock = std::chrono::steady_clock;

tl::unexpected<Error> failed(RedisFailure failure, const StorageUrl& server) {
  failure.error.where = redact(server);
  return fail(std::move(failure.error));
}

}  // namespace

Result<RedisPing> redis_ping(const StorageOptions& options) {
  const Result<StorageUrl> server = redis_server_of(options);
  if (!server) return fail(server.error());
  const auto start = SteadyClock::now();
  RedisOutcome<RedisConnection> connection = RedisConnection::open(*server, options.timeout);
  if (!connection) return failed(std::move(connection).error(), *server);
  const std::string_view command[] = {"PING"};
  const Result<std::string> request = encode_command(command);
  if (!request) return fail(request.error());
  const auto passed = std::chrono::floor<Millis>(SteadyClock::now() - start);
  const RedisOutcome<RedisReply> reply =
      connection->exchange(*request, std::max(options.timeout - passed, Millis{1}));
  if (!reply) return failed(reply.error(), *server);
  if (reply->text == "PONG") return RedisPing{};
  if (reply->type != RedisReply::Type::error) {
    return fail(ErrorCode::corrupt, "the answer to PING is not PONG; is this a Redis server?",
                redact(*server));
  }
  RedisFailure failure = translate_reply(*reply, "PING");
  using State = RedisPing::State;
  constexpr std::pair<std::string_view, State> kStates[] = {
      {"LOADING", State::loading}, {"MASTERDOWN", State::master_down}, {"BUSY", State::busy}};
  for (const auto& [code, state] : kStates) {
    if (is_redis_error(*reply, code)) return RedisPing{state, std::move(failure.error.message)};
  }
  return failed(std::move(failure), *server);
}

}  // namespace rz
