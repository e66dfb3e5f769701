#include "rz/storage/redis/redis_topology.h"

#include <utility>

#include "rz/storage/redis/redis_cluster.h"
#include "rz/storage/redis/redis_sentinel.h"

namespace rz::storage {
namespace {

class SingleServer final : public RedisTopology {
 public:
  SingleServer(const StorageUrl& url, const StorageOptions& options)
      : connector_(url, options), pool_(std::make_shared<RedisPool>(url, connector_)) {}

  RedisOutcome<RedisRoute> route(std::string_view, TryLimit) override { return RedisRoute{pool_}; }
  std::optional<RedisRoute> redirect(const RedisRoute&, const RedisReply&) override {
    return std::nullopt;
  }
  RedisOutcome<std::optional<RedisReplicas>> live_replicas(const RedisRoute&, TryLimit) override {
    return std::optional<RedisReplicas>();
  }
  RedisFailure note(const RedisRoute&, RedisFailure failure) override { return failure; }
  bool is_replica() const override { return pool_->is_replica(); }

 private:
  RedisConnector connector_;
  const std::shared_ptr<RedisPool> pool_;
};

}  // namespace

std::unique_ptr<RedisTopology> make_redis_topology(const StorageUrl& url,
                                                   const StorageOptions& options) {
  switch (url.kind) {
    case StorageUrl::Kind::redis_sentinel: return std::make_unique<RedisSentinel>(url, options);
    case StorageUrl::Kind::redis_cluster: return std::make_unique<RedisCluster>(url, options);
    default: return std::make_unique<SingleServer>(url, options);
  }
}

RedisOutcome<RedisReply> ask_once(RedisPool& pool, std::span<const std::string_view> arguments,
                                  TryLimit limit) {
  const Result<std::string> request = encode_command(arguments);
  if (!request) return tl::unexpected(RedisFailure{.error = request.error()});
  RedisOutcome<RedisPool::Borrowed> borrowed = pool.borrow(limit);
  if (!borrowed) return tl::unexpected(std::move(borrowed).error());
  RedisOutcome<RedisReply> reply = borrowed->connection.exchange(*request, limit);
  if (!reply) return reply;
  pool.give_back(std::move(borrowed->connection));
  if (reply->type != RedisReply::Type::error) return reply;
  return tl::unexpected(translate_reply(*reply, arguments.front()));
}

}  // namespace rz::storage
