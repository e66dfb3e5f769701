#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/redis_connection.h"
#include "rz/storage/redis_connector.h"
#include "rz/storage/redis_reply.h"
#include "rz/storage/redis_scripts.h"
#include "rz/storage/storage_options.h"
#include "rz/storage/storage_url.h"

namespace rz {

/// Talks to one Redis server over a pool of connections, and tries again what may be tried again.
/// Thread-safe; threads share nothing but idle connections, and none waits for another's network.
///
/// A failed try is repeated, after a pause with full jitter that doubles, as often as the options
/// and the deadline of the operation allow, if the failure may go away by itself and the command
/// was surely not carried out, or may be carried out twice.
class RedisClient {
 public:
  /// The moment, on the clock's monotonic face, at which an operation gives up.
  using OperationEnd = std::chrono::nanoseconds;

  /// Whether a command may be carried out twice without anybody noticing.
  enum class Repeat { may, must_not };

  /// `server` as redis_server_of makes it. `clock` paces the tries and must outlive the client;
  /// waiting for the network is by the machine's own clock.
  RedisClient(StorageUrl server, const StorageOptions& options, Clock& clock);

  /// Begins an operation, of one command or several.
  OperationEnd begin() const { return clock_.monotonic() + options_.deadline; }

  /// The answer to a command, whose first argument is its name and whose second is its key, if any.
  /// No error reply comes back: they are errors. Errors: as redis_error.h translates them, with the
  /// place: where(), and the key if it is the key's value that is wrong.
  Result<RedisReply> call(std::span<const std::string_view> arguments, Repeat repeat,
                          OperationEnd end);

  /// Runs a script, which is sent whole only where the server does not know it yet.
  Result<RedisReply> run(const RedisScript& script, std::span<const std::string> keys,
                         std::span<const std::string_view> arguments, Repeat repeat,
                         OperationEnd end);

  /// The server, without its password.
  const std::string& where() const { return where_; }
  /// The same, and a key of it.
  std::string where_of_key(std::string_view key) const;

 private:
  struct Borrowed {
    RedisConnection connection;
    bool pooled;
  };

  /// As call, but error replies come back as they are.
  Result<RedisReply> send(std::span<const std::string_view> arguments, Repeat repeat,
                          OperationEnd end);
  RedisOutcome<RedisReply> try_once(std::string_view command, Repeat repeat, OperationEnd end);
  RedisOutcome<Borrowed> borrow(TryLimit limit);
  void give_back(RedisConnection connection);
  void drop_idle();
  bool pause(int tries, OperationEnd end);
  Millis limit_of_try(OperationEnd end) const;
  Result<RedisReply> translate(Result<RedisReply> reply, std::string_view command,
                               std::string_view key) const;
  tl::unexpected<Error> failed(RedisFailure failure, Repeat repeat, int tries) const;

  const StorageUrl server_;
  RedisConnector connector_;
  const StorageOptions options_;
  const std::string where_;
  Clock& clock_;

  std::mutex mutex_;
  std::vector<RedisConnection> idle_;  ///< Most lately used last.
  pid_t owner_;                        ///< A child of a fork must not use its parent's connections.
  std::minstd_rand random_;
};

}  // namespace rz
