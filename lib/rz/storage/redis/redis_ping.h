#pragma once

#include <optional>
#include <string>

#include "rz/base/result.h"
#include "rz/storage/open_storage.h"

namespace rz::storage {

/// What a server is asked beside PING, once it is ready.
struct RedisQuestions {
  bool info = false;   ///< INFO; of a cluster, that of one of its masters.
  bool save = false;   ///< CONFIG GET save, of the same server: what INFO does not tell.
  bool write = false;  ///< Writes the key `rz:probe`, which lives for an hour.
};

/// What a Redis server said to PING, or a cluster to CLUSTER INFO.
struct RedisPing {
  enum class State {
    ready,
    loading,       ///< LOADING: it reads its data from disk.
    master_down,   ///< MASTERDOWN: a replica that has lost its master and serves no stale data.
    busy,          ///< BUSY: a script blocks it.
    cluster_down,  ///< CLUSTERDOWN: a cluster that has lost too many of its masters.
  };
  State state = State::ready;
  std::string message;                 ///< The server's own words where the state is not `ready`.
  std::string info{};                  ///< Lines of `name:value`; empty if it was not asked for.
  std::optional<std::string> save{};   ///< Its save points; nothing: not asked, or not told.
  std::optional<Error> write_error{};  ///< Why it takes no writes, though it answers.
};

/// Connects, authenticates and pings the server that `options.url` names (behind sentinels, the
/// master), once, within `options.timeout`; retries nothing. A server that answers, but not with
/// PONG, is not an error. Messages call `options.timeout` the check's. Errors: invalid_argument (no
/// Redis URL), unavailable, timeout, auth (NOAUTH, WRONGPASS, NOPERM).
Result<RedisPing> redis_ping(const StorageOptions& options, RedisQuestions questions = {});

}  // namespace rz::storage
