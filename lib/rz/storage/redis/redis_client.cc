#include "rz/storage/redis/redis_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "rz/storage/redis/redis_replicas.h"

namespace rz::storage {
namespace {

// Redirections of one try. A cluster that is being resharded needs one or two.
constexpr int kMaxHops = 5;

// Longer than anybody waits, and short enough that no sum with it overflows.
constexpr Millis kLongestOperation{std::chrono::hours{24 * 365}};

constexpr std::string_view kAsking = "*1\r\n$6\r\nASKING\r\n";
constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view kExec = "*1\r\n$4\r\nEXEC\r\n";

}  // namespace

RedisClient::RedisClient(const StorageUrl& url, const StorageOptions& options, Clock& clock)
    : options_(options),
      where_(redact(url)),
      has_slots_(url.kind == StorageUrl::Kind::redis_cluster),
      topology_(make_redis_topology(url, options)),
      clock_(clock),
      longest_(std::clamp(options.deadline, Millis::zero(), kLongestOperation)),
      random_(std::random_device{}()) {}

Result<RedisReply> RedisClient::call(std::span<const std::string_view> arguments, Repeat repeat,
                                     OperationEnd end) {
  const std::string_view key = arguments.size() > 1 ? arguments[1] : "";
  return call(arguments, key, repeat, end);
}

Result<RedisReply> RedisClient::call(std::span<const std::string_view> arguments,
                                     std::string_view key, Repeat repeat, OperationEnd end) {
  return translate(send(arguments, key, repeat, end), arguments[0], key);
}

Result<RedisReply> RedisClient::transact(std::string_view commands, std::size_t count,
                                         Repeat repeat, OperationEnd end) {
  const Request request{std::string(commands).append(kExec), "MULTI", {}, repeat, false, count};
  return translate(send(request, end), request.name, request.key);
}

Result<RedisReply> RedisClient::run(const RedisScript& script, std::span<const std::string> keys,
                                    std::span<const std::string_view> arguments, Repeat repeat,
                                    OperationEnd end) {
  return run_script(script, keys, arguments, repeat, end, false);
}

Result<RedisReply> RedisClient::run_with(const RedisScript& script,
                                         std::span<const std::string> keys,
                                         std::span<const std::string_view> arguments,
                                         std::span<const std::string_view> command, Repeat repeat,
                                         OperationEnd end) {
  return run_script(script, keys, arguments, repeat, end, false, command);
}

Result<RedisReply> RedisClient::commit(std::span<const std::string> keys,
                                       std::span<const std::string_view> arguments, bool replicated,
                                       OperationEnd end) {
  return run_script(kCommitScript, keys, arguments, Repeat::must_not, end, replicated);
}

Result<RedisReply> RedisClient::run_script(const RedisScript& script,
                                           std::span<const std::string> keys,
                                           std::span<const std::string_view> arguments,
                                           Repeat repeat, OperationEnd end, bool replicated,
                                           std::span<const std::string_view> more) {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> command{"EVALSHA", script.sha1, count};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string_view key = keys.empty() ? std::string_view() : keys.front();
  Result<RedisReply> reply = send(command, key, repeat, end, replicated, more);
  if (reply && is_redis_error(*reply, "NOSCRIPT")) {
    command[0] = "EVAL";
    command[1] = script.source;
    reply = send(command, key, repeat, end, replicated, more);
  }
  return translate(std::move(reply), command[0], key);
}

Result<RedisReply> RedisClient::send(std::span<const std::string_view> arguments,
                                     std::string_view key, Repeat repeat, OperationEnd end,
                                     bool replicated, std::span<const std::string_view> more) {
  Request request{{}, arguments.front(), key, repeat, replicated};
  for (const auto& command : {arguments, more}) {
    if (command.empty()) continue;
    Result<std::string> bytes = encode_command(command);
    if (!bytes) return fail(bytes.error().code, bytes.error().message, where_);
    request.bytes += *bytes;
  }
  if (!more.empty()) request.pipelined = 2;
  return send(request, end);
}

Result<RedisReply> RedisClient::send(const Request& request, OperationEnd end) {
  for (int tries = 1;; ++tries) {
    RedisOutcome<RedisReply> reply = try_once(request, end);
    if (reply) return *std::move(reply);
    const RedisFailure& failure = reply.error();
    const bool again = failure.transient && (!failure.maybe_done || request.repeat == Repeat::may);
    if (!again || tries > options_.max_retries || !pause(tries, end)) {
      return failed(std::move(reply).error(), request.repeat, tries);
    }
  }
}

// One try: a transient error reply is a failure, a lasting one is an answer.
RedisOutcome<RedisReply> RedisClient::try_once(const Request& request, OperationEnd end) {
  RedisOutcome<RedisRoute> route =
      topology_->route(request.key, TryLimit::from_now(limit_of_try(end)));
  if (!route) return tl::unexpected(std::move(route).error());
  for (int hops = 0;; ++hops) {
    RedisOutcome<RedisReply> reply = exchange(*route, request, end);
    if (!reply) return tl::unexpected(topology_->note(*route, std::move(reply).error()));
    if (reply->type != RedisReply::Type::error) return reply;
    auto next = hops < kMaxHops ? topology_->redirect(*route, *reply) : std::nullopt;
    if (next) {
      route = *std::move(next);
      continue;
    }
    // What is answered with an error was not carried out.
    RedisFailure failure = topology_->note(*route, translate_reply(*reply, request.name));
    if (failure.transient) return tl::unexpected(std::move(failure));
    return reply;
  }
}

// A connection of the pool that turns out to be dead costs no try.
RedisOutcome<RedisReply> RedisClient::exchange(const RedisRoute& route, const Request& request,
                                               OperationEnd end) {
  while (true) {
    const TryLimit limit = TryLimit::from_now(limit_of_try(end));
    auto borrowed = route.pool->borrow(limit);
    if (!borrowed) return tl::unexpected(std::move(borrowed).error());
    RedisConnection& connection = borrowed->connection;
    RedisOutcome<RedisReply> reply;
    if (route.asking) reply = connection.exchange(kAsking, limit);
    // Were it refused, the commands behind it would be carried out one by one: it is waited for.
    if (request.transaction > 0) reply = connection.exchange(kMulti, limit);
    const bool asked = reply.has_value();
    const bool refused = request.transaction > 0 && asked && reply->type == RedisReply::Type::error;
    if (asked && !refused) {
      const std::size_t replies = request.transaction > 0 ? request.transaction + 1 : 1;
      reply = request.pipelined > 0
                  ? connection.exchange_all(request.bytes, limit, request.pipelined)
                  : connection.exchange(request.bytes, limit, replies);
    }
    if (reply && request.replicated) reply = with_replicas(route, connection, *reply, limit);
    if (reply) {
      // A name may lead to another server by now: the next call looks for the master anew.
      if (!is_redis_error(*reply, "READONLY")) route.pool->give_back(std::move(connection));
      return reply;
    }
    RedisFailure& failure = reply.error();
    failure.maybe_done &= asked;
    const bool dead = borrowed->pooled && failure.error.code == ErrorCode::unavailable;
    if (!dead || (failure.maybe_done && request.repeat == Repeat::must_not)) return reply;
    // Who the master is must be asked before a new connection is made.
    if (route.pool->role() == RedisRole::master) return reply;
    // The others have been idle for longer.
    route.pool->drop_idle();
  }
}

// The answer to a commit, once the replicas have what it wrote.
RedisOutcome<RedisReply> RedisClient::with_replicas(const RedisRoute& route,
                                                    RedisConnection& connection,
                                                    const RedisReply& reply, TryLimit limit) {
  const bool applied = reply.type == RedisReply::Type::integer && reply.integer == 1;
  if (!applied) return reply;
  const auto expected = topology_->live_replicas(route, limit);
  if (!expected) return tl::unexpected(expected.error());
  if (!*expected) return reply;
  auto confirmed = wait_for_replicas(connection, **expected, limit);
  if (!confirmed) return tl::unexpected(std::move(confirmed).error());
  return reply;
}

// Waits before the next try. False if the deadline leaves no room for one.
bool RedisClient::pause(int tries, OperationEnd end) {
  const int doublings = std::min(tries - 1, 20);
  const Micros most = std::chrono::duration_cast<Micros>(longest_);
  const Micros delay_max = std::clamp(options_.retry_delay, Millis::zero(), kLongestOperation);
  const Micros longest = delay_max > most / (1 << doublings) ? most : delay_max * (1 << doublings);
  Micros delay{0};
  {
    const std::lock_guard lock(mutex_);
    delay = Micros(std::uniform_int_distribution<Micros::rep>(0, longest.count())(random_));
  }
  if (clock_.monotonic() + delay + Millis{1} > end) return false;
  clock_.sleep_for(delay);
  return true;
}

// At least a millisecond, so that the failure of a try says what is wrong.
Millis RedisClient::limit_of_try(OperationEnd end) const {
  const auto left = std::chrono::floor<Millis>(end - clock_.monotonic());
  return std::max(std::min(options_.timeout, left), Millis{1});
}

// Of a reply that came, but as an error.
Result<RedisReply> RedisClient::translate(Result<RedisReply> reply, std::string_view command,
                                          std::string_view key) const {
  if (!reply || reply->type != RedisReply::Type::error) return reply;
  RedisFailure failure = translate_reply(*reply, command);
  failure.error.where = failure.about_key ? where_of_key(key) : where_;
  return fail(std::move(failure.error));
}

std::string RedisClient::where_of_key(std::string_view key) const {
  constexpr std::size_t kShownBytes = 200;
  return fmt::format("{}: key '{}'", where_, key.substr(0, kShownBytes));
}

tl::unexpected<Error> RedisClient::unexpected_reply(std::string_view command) const {
  return fail(
      ErrorCode::corrupt,
      fmt::format("the answer to {} is none that Redis gives; is this a Redis server?", command),
      where_);
}

tl::unexpected<Error> RedisClient::wrong_type(std::string_view command,
                                              std::string_view key) const {
  const RedisReply reply{.type = RedisReply::Type::error, .text = "WRONGTYPE"};
  return fail(ErrorCode::corrupt, translate_reply(reply, command).error.message, where_of_key(key));
}

tl::unexpected<Error> RedisClient::failed(RedisFailure failure, Repeat repeat, int tries) const {
  Error& error = failure.error;
  if (tries > 1) error.message += fmt::format(" (tried {} times)", tries);
  if (failure.maybe_done && repeat == Repeat::must_not) {
    error.message += "; what was asked for may have been done";
  }
  error.where = where_;
  return fail(std::move(error));
}

}  // namespace rz::storage
