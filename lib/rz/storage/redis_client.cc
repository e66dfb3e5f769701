#include "rz/storage/redis_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace rz {
namespace {

// Enough for the threads of one rz; a connection beyond is closed when its command is done.
constexpr std::size_t kMaxIdle = 16;

}  // namespace

RedisClient::RedisClient(StorageUrl server, const StorageOptions& options, Clock& clock)
    : server_(std::move(server)),
      connector_(tls_options_of(server_, options)),
      options_(options),
      where_(redact(server_)),
      clock_(clock),
      owner_(::getpid()),
      random_(std::random_device{}()) {}

Result<RedisReply> RedisClient::call(std::span<const std::string_view> arguments, Repeat repeat,
                                     OperationEnd end) {
  const std::string_view key = arguments.size() > 1 ? arguments[1] : "";
  return translate(send(arguments, repeat, end), arguments[0], key);
}

Result<RedisReply> RedisClient::run(const RedisScript& script, std::span<const std::string> keys,
                                    std::span<const std::string_view> arguments, Repeat repeat,
                                    OperationEnd end) {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> command{"EVALSHA", script.sha1, count};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  Result<RedisReply> reply = send(command, repeat, end);
  if (reply && is_redis_error(*reply, "NOSCRIPT")) {
    command[0] = "EVAL";
    command[1] = script.source;
    reply = send(command, repeat, end);
  }
  return translate(std::move(reply), command[0], keys.empty() ? "" : keys.front());
}

Result<RedisReply> RedisClient::send(std::span<const std::string_view> arguments, Repeat repeat,
                                     OperationEnd end) {
  const Result<std::string> command = encode_command(arguments);
  if (!command) return fail(command.error().code, command.error().message, where_);
  for (int tries = 1;; ++tries) {
    RedisOutcome<RedisReply> reply = try_once(*command, repeat, end);
    if (reply) {
      if (reply->type != RedisReply::Type::error) return *std::move(reply);
      RedisFailure failure = translate_reply(*reply, arguments.front());
      // What is answered with an error was not carried out.
      if (!failure.transient) return *std::move(reply);
      reply = tl::unexpected(std::move(failure));
    }
    const RedisFailure& failure = reply.error();
    const bool again = failure.transient && (!failure.maybe_done || repeat == Repeat::may);
    if (!again || tries > options_.max_retries || !pause(tries, end)) {
      return failed(std::move(reply).error(), repeat, tries);
    }
  }
}

// One try; but a connection of the pool that turns out to be dead costs none.
RedisOutcome<RedisReply> RedisClient::try_once(std::string_view command, Repeat repeat,
                                               OperationEnd end) {
  while (true) {
    const TryLimit limit = TryLimit::from_now(limit_of_try(end));
    RedisOutcome<Borrowed> borrowed = borrow(limit);
    if (!borrowed) return tl::unexpected(std::move(borrowed).error());
    RedisOutcome<RedisReply> reply = borrowed->connection.exchange(command, limit);
    if (reply) {
      // A name may lead to another server by now: the next call looks for the master anew.
      if (!is_redis_error(*reply, "READONLY")) give_back(std::move(borrowed->connection));
      return reply;
    }
    const RedisFailure& failure = reply.error();
    const bool dead = borrowed->pooled && failure.error.code == ErrorCode::unavailable;
    if (!dead || (failure.maybe_done && repeat == Repeat::must_not)) return reply;
    // The others have been idle for longer.
    drop_idle();
  }
}

RedisOutcome<RedisClient::Borrowed> RedisClient::borrow(TryLimit limit) {
  while (true) {
    std::optional<RedisConnection> idle;
    {
      const std::lock_guard lock(mutex_);
      if (owner_ != ::getpid()) {
        idle_.clear();
        owner_ = ::getpid();
      }
      if (idle_.empty()) break;
      idle = std::move(idle_.back());
      idle_.pop_back();
    }
    if (idle->is_usable()) return Borrowed{*std::move(idle), true};
  }
  RedisOutcome<RedisConnection> fresh = connector_.open(server_, limit);
  if (!fresh) return tl::unexpected(std::move(fresh).error());
  return Borrowed{*std::move(fresh), false};
}

void RedisClient::give_back(RedisConnection connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

void RedisClient::drop_idle() {
  std::vector<RedisConnection> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

// Waits before the next try. False if the deadline leaves no room for one.
bool RedisClient::pause(int tries, OperationEnd end) {
  const int doublings = std::min(tries - 1, 20);
  const Micros longest =
      std::min<Micros>(Micros(options_.retry_delay) * (1 << doublings), Micros(options_.deadline));
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

tl::unexpected<Error> RedisClient::failed(RedisFailure failure, Repeat repeat, int tries) const {
  Error& error = failure.error;
  if (tries > 1) error.message += fmt::format(" (tried {} times)", tries);
  if (failure.maybe_done && repeat == Repeat::must_not) {
    error.message += "; what was asked for may have been done";
  }
  error.where = where_;
  return fail(std::move(error));
}

}  // namespace rz
