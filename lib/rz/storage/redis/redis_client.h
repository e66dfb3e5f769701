#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_reply.h"
#include "rz/storage/redis/redis_scripts.h"
#include "rz/storage/redis/redis_topology.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// Sends commands to the servers of a store, each to the one that has its key, and tries again what
/// may be tried again. Thread-safe; no thread waits for another's network.
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

  /// `url` as redis_server_of makes it. `clock` paces the tries and must outlive the client;
  /// waiting for the network is by the machine's own clock.
  RedisClient(const StorageUrl& url, const StorageOptions& options, Clock& clock);

  /// Begins an operation, of one command or several.
  OperationEnd begin() const { return std::min(clock_.monotonic() + longest_, run_end_.load()); }

  /// No operation that begins later lasts longer than until `end`; nothing: as its own deadline.
  void set_end(std::optional<OperationEnd> end) { run_end_ = end.value_or(OperationEnd::max()); }

  /// The answer to a command, whose first argument is its name and whose second is its key, if any.
  /// No error reply comes back: they are errors. Errors: as redis_error.h translates them, with the
  /// place: where(), and the key if it is the key's value that is wrong.
  Result<RedisReply> call(std::span<const std::string_view> arguments, Repeat repeat,
                          OperationEnd end);
  /// The same for a command whose key, on whose server it runs, is not its second argument.
  Result<RedisReply> call(std::span<const std::string_view> arguments, std::string_view key,
                          Repeat repeat, OperationEnd end);

  /// Carries out `count` commands, each as encode_command made it, all or none of them: as one
  /// transaction. The answer holds theirs. Not for a cluster, whose nodes may send on a part.
  Result<RedisReply> transact(std::string_view commands, std::size_t count, Repeat repeat,
                              OperationEnd end);

  /// Runs a script, which is sent whole only where the server does not know it yet.
  Result<RedisReply> run(const RedisScript& script, std::span<const std::string> keys,
                         std::span<const std::string_view> arguments, Repeat repeat,
                         OperationEnd end);

  /// As run, with a command behind the script in the same trip: an array of both answers, of which
  /// that of the command may be an error reply.
  Result<RedisReply> run_with(const RedisScript& script, std::span<const std::string> keys,
                              std::span<const std::string_view> arguments,
                              std::span<const std::string_view> command, Repeat repeat,
                              OperationEnd end);

  /// Runs kCommitScript, once. If it was applied, and `replicated`, waits for the replicas of a
  /// server that has such, too. Errors: also timeout, if they do not confirm.
  Result<RedisReply> commit(std::span<const std::string> keys,
                            std::span<const std::string_view> arguments, bool replicated,
                            OperationEnd end);

  /// Whether keys lie in slots, of which a command may name one only.
  bool has_slots() const { return has_slots_; }

  /// The store's URL, without its password.
  const std::string& where() const { return where_; }

  /// Whether the only server that there is said that it is a replica.
  bool is_replica() const { return topology_->is_replica(); }
  /// where(), and a key there.
  std::string where_of_key(std::string_view key) const;

  /// That the answer to `command` is of another form than Redis gives.
  tl::unexpected<Error> unexpected_reply(std::string_view command) const;

  /// That `key` holds another type than `command` works with.
  tl::unexpected<Error> wrong_type(std::string_view command, std::string_view key) const;

 private:
  /// A command as it is sent, and what decides on its way.
  struct Request {
    std::string bytes;
    std::string_view name;
    std::string_view key;
    Repeat repeat;
    bool replicated = false;
    std::size_t transaction = 0;  ///< How many commands it has; 0: `bytes` is one by itself.
    std::size_t pipelined = 0;    ///< How many commands `bytes` are, each by itself; 0: one.
  };

  /// As call, but lasting error replies come back as they are. `more`: a command behind it.
  Result<RedisReply> send(std::span<const std::string_view> arguments, std::string_view key,
                          Repeat repeat, OperationEnd end, bool replicated = false,
                          std::span<const std::string_view> more = {});
  Result<RedisReply> run_script(const RedisScript& script, std::span<const std::string> keys,
                                std::span<const std::string_view> arguments, Repeat repeat,
                                OperationEnd end, bool replicated,
                                std::span<const std::string_view> more = {});
  Result<RedisReply> send(const Request& request, OperationEnd end);
  RedisOutcome<RedisReply> try_once(const Request& request, OperationEnd end);
  RedisOutcome<RedisReply> exchange(const RedisRoute& route, const Request& request,
                                    OperationEnd end);
  RedisOutcome<RedisReply> with_replicas(const RedisRoute& route, RedisConnection& connection,
                                         const RedisReply& reply, TryLimit limit);
  bool pause(int tries, OperationEnd end);
  Millis limit_of_try(OperationEnd end) const;
  Result<RedisReply> translate(Result<RedisReply> reply, std::string_view command,
                               std::string_view key) const;
  tl::unexpected<Error> failed(RedisFailure failure, Repeat repeat, int tries) const;

  const StorageOptions options_;
  const std::string where_;
  const bool has_slots_;
  const std::unique_ptr<RedisTopology> topology_;
  Clock& clock_;
  const std::chrono::nanoseconds longest_;  ///< An operation, at most: no sum with it overflows.
  std::atomic<OperationEnd> run_end_{OperationEnd::max()};

  std::mutex mutex_;  ///< Of random_.
  std::minstd_rand random_;
};

}  // namespace rz::storage
