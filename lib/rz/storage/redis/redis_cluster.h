#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/redis/redis_topology.h"

namespace rz::storage {

/// The masters of a cluster and their slots. They are learned before the first command, and again
/// after a MOVED, a lost connection or CLUSTERDOWN, from whichever node answers: those that are
/// known, then those of the URL.
class RedisCluster final : public RedisTopology {
 public:
  /// `url`: of kind redis_cluster.
  RedisCluster(const StorageUrl& url, const StorageOptions& options);

  RedisOutcome<RedisRoute> route(std::string_view key, TryLimit limit) override;
  /// Follows MOVED and ASK.
  std::optional<RedisRoute> redirect(const RedisRoute& from, const RedisReply& reply) override;
  RedisOutcome<std::optional<RedisReplicas>> live_replicas(const RedisRoute& route,
                                                           TryLimit limit) override;
  RedisFailure note(const RedisRoute& route, RedisFailure failure) override;

 private:
  using Pool = std::shared_ptr<RedisPool>;
  struct Range {
    std::int64_t first;
    std::int64_t last;
    Pool master;
    std::size_t replicas;
  };

  std::optional<RedisRoute> owner_of(std::uint16_t slot) const;
  std::vector<Pool> nodes_to_ask();
  RedisOutcome<void> learn_slots(TryLimit limit);
  RedisOutcome<void> take_slots(const RedisReply& reply, const RedisPool& asked);
  Pool pool_of(const std::string& host, std::int64_t port);

  const StorageUrl url_;
  RedisConnector connector_;

  std::mutex mutex_;
  bool stale_ = true;                  ///< Guarded by mutex_, as are the next three.
  std::size_t first_ = 0;              ///< Where to begin among nodes_to_ask.
  std::vector<Range> ranges_;          ///< Sorted.
  std::map<std::string, Pool> pools_;  ///< By address_text.
};

}  // namespace rz::storage
