#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rz/storage/redis/redis_topology.h"

namespace rz::storage {

/// One master, whom sentinels name. They are asked before the first command, and again once the
/// master has failed or turned out to be a replica. The one that answered last is asked first.
class RedisSentinel final : public RedisTopology {
 public:
  /// `url`: of kind redis_sentinel.
  RedisSentinel(const StorageUrl& url, const StorageOptions& options);

  RedisOutcome<RedisRoute> route(std::string_view key, TryLimit limit) override;
  std::optional<RedisRoute> redirect(const RedisRoute& from, const RedisReply& reply) override;
  /// READONLY is transient here.
  RedisOutcome<std::optional<RedisReplicas>> live_replicas(const RedisRoute& route,
                                                           TryLimit limit) override;
  RedisFailure note(const RedisRoute& route, RedisFailure failure) override;

 private:
  using Address = std::pair<std::string, std::uint16_t>;

  RedisOutcome<Address> find_master(TryLimit limit);
  RedisOutcome<RedisReply> ask_about_master(const Address& sentinel, std::string_view what,
                                            TryLimit limit);
  RedisOutcome<Address> ask(const Address& sentinel, TryLimit limit);
  std::shared_ptr<RedisPool> use(Address master);

  const StorageUrl url_;
  const std::string user_;      ///< Of the sentinels.
  const std::string password_;  ///< Of the sentinels.
  RedisConnector connector_;

  std::mutex mutex_;
  std::size_t first_ = 0;  ///< Of url_.hosts: which sentinel to ask first.
  std::shared_ptr<RedisPool> master_;
};

}  // namespace rz::storage
