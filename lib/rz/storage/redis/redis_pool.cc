#include "rz/storage/redis/redis_pool.h"

#include <unistd.h>

#include <optional>

namespace rz::storage {
namespace {

// Enough for the threads of one rz; a connection beyond is closed when its command is done.
constexpr std::size_t kMaxIdle = 16;

RedisOutcome<void> require_master(RedisConnection& connection, TryLimit limit) {
  const std::string_view command[] = {"ROLE"};
  const Result<std::string> request = encode_command(command);
  if (!request) return tl::unexpected(RedisFailure{.error = request.error()});
  const RedisOutcome<RedisReply> reply = connection.exchange(*request, limit);
  if (!reply) {
    RedisFailure failure = reply.error();
    failure.maybe_done = false;
    return tl::unexpected(std::move(failure));
  }
  if (reply->type == RedisReply::Type::error) {
    return tl::unexpected(translate_reply(*reply, command[0]));
  }
  const bool master = !reply->elements.empty() && reply->elements[0].text == "master";
  if (master) return {};
  return tl::unexpected(RedisFailure{
      .error = {ErrorCode::unavailable,
                "is a replica, though the sentinels name it as the master; is a failover going on?",
                {}},
      .transient = true});
}

}  // namespace

RedisPool::RedisPool(StorageUrl server, RedisConnector& connector, RedisRole role)
    : server_(std::move(server)), connector_(connector), role_(role), owner_(::getpid()) {}

RedisOutcome<RedisPool::Borrowed> RedisPool::borrow(TryLimit limit) {
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
  RedisOutcome<RedisConnection> fresh = open(limit);
  if (!fresh) return tl::unexpected(std::move(fresh).error());
  return Borrowed{*std::move(fresh), false};
}

void RedisPool::give_back(RedisConnection connection) {
  // A replica may be made a master, and says its role only when it is greeted.
  if (connection.is_replica()) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

void RedisPool::drop_idle() {
  std::vector<RedisConnection> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

bool RedisPool::has_idle() {
  const std::lock_guard lock(mutex_);
  if (owner_ != ::getpid()) return false;
  std::erase_if(idle_, [](RedisConnection& connection) { return !connection.is_usable(); });
  return !idle_.empty();
}

RedisOutcome<RedisConnection> RedisPool::open(TryLimit limit) {
  RedisOutcome<RedisConnection> connection = connector_.open(server_, limit);
  if (connection) is_replica_ = connection->is_replica();
  if (!connection || role_ == RedisRole::any) return connection;
  if (auto master = require_master(*connection, limit); !master) {
    return tl::unexpected(std::move(master).error());
  }
  return connection;
}

std::string address_text(const StorageUrl& server) {
  if (server.hosts.empty()) return server.path;
  const auto& [host, port] = server.hosts.front();
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace rz::storage
