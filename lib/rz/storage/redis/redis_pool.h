#pragma once

#include <sys/types.h>
#include <atomic>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rz/storage/redis/redis_connection.h"
#include "rz/storage/redis/redis_connector.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// What a server must be to be used.
enum class RedisRole { any, master };

/// One server and the idle connections to it. Thread-safe; threads share nothing but idle
/// connections, and none waits for another's network.
class RedisPool {
 public:
  struct Borrowed {
    RedisConnection connection;
    bool pooled;  ///< Whether it was used before, and so may have died unseen.
  };

  /// `server`: of kind redis or redis_unix. `connector` must outlive the pool. Each new connection
  /// is asked for the server's role if that matters.
  RedisPool(StorageUrl server, RedisConnector& connector, RedisRole role = RedisRole::any);

  /// An idle connection that seems to live, or a new one.
  RedisOutcome<Borrowed> borrow(TryLimit limit);
  /// Not after a failure: what is not given back is closed.
  void give_back(RedisConnection connection);
  void drop_idle();

  /// Whether a connection waits there that seems to live.
  bool has_idle();

  /// Whether the server that was connected to last said that it is a replica.
  bool is_replica() const { return is_replica_; }

  const StorageUrl& server() const { return server_; }
  RedisRole role() const { return role_; }

 private:
  RedisOutcome<RedisConnection> open(TryLimit limit);

  const StorageUrl server_;
  RedisConnector& connector_;
  const RedisRole role_;
  std::atomic<bool> is_replica_ = false;
  std::mutex mutex_;
  std::vector<RedisConnection> idle_;  ///< Most lately used last.
  pid_t owner_;                        ///< A child of a fork must not use its parent's connections.
};

/// `host:port` of a server that has them, an IPv6 address in brackets; else the path of its socket.
std::string address_text(const StorageUrl& server);

}  // namespace rz::storage
