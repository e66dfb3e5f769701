#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_connection.h"
#include "rz/storage/redis/redis_error.h"
#include "rz/storage/redis/redis_pool.h"
#include "rz/storage/redis/redis_replicas.h"
#include "rz/storage/redis/redis_reply.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// Where a command goes.
struct RedisRoute {
  std::shared_ptr<RedisPool> pool;
  bool asking = false;  ///< The key is just moving there: ASKING goes before the command.
};

/// The servers that a store is made of, and which of them has a key. Thread-safe.
class RedisTopology {
 public:
  virtual ~RedisTopology() = default;

  /// The server of `key`. May ask servers for it, within `limit`.
  virtual RedisOutcome<RedisRoute> route(std::string_view key, TryLimit limit) = 0;

  /// Where an error reply of `from` sends the command on; nothing if the reply stands.
  virtual std::optional<RedisRoute> redirect(const RedisRoute& from, const RedisReply& reply) = 0;

  /// The replicas of `route` that live, by whatever is known here; nothing if none would take its
  /// place. May ask servers for it, within `limit`. Errors: unavailable, with maybe_done, if
  /// another one has taken it already.
  virtual RedisOutcome<std::optional<RedisReplicas>> live_replicas(const RedisRoute& route,
                                                                   TryLimit limit) = 0;

  /// Takes note that `route` failed, and returns the failure as it is to be understood here: what
  /// is lasting of one server may be transient where another one takes its place.
  virtual RedisFailure note(const RedisRoute& route, RedisFailure failure) = 0;

  /// Whether the only server that there is said that it is a replica.
  virtual bool is_replica() const { return false; }
};

/// The topology of a URL that redis_server_of made. Asks nobody yet.
std::unique_ptr<RedisTopology> make_redis_topology(const StorageUrl& url,
                                                   const StorageOptions& options);

/// Sends one command to the server of `pool`, over an idle connection or a new one.
RedisOutcome<RedisReply> ask_once(RedisPool& pool, std::span<const std::string_view> arguments,
                                  TryLimit limit);

}  // namespace rz::storage
