#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/tls.h"
#include "rz/net/transport.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_error.h"
#include "rz/storage/redis/redis_reply.h"
#include "rz/storage/redis/try_limit.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// The Redis server, or servers, that `options.url` names; where the URL has no password, with that
/// of `options.password`. Errors: invalid_argument (a wrong URL, or none of Redis).
Result<StorageUrl> redis_server_of(const StorageOptions& options);

/// A value, or how the server was missed.
template <class T>
using RedisOutcome = tl::expected<T, RedisFailure>;

/// An authenticated connection to one Redis server, with its database selected. Not thread-safe.
/// After a failure it is of no use any more. Errors name no place.
class RedisConnection {
 public:
  /// Connects to the server of a URL of kind redis or redis_unix, authenticates, selects the
  /// database and names the connection `rz`. `tls` is used, and needed, if the URL asks for TLS.
  static RedisOutcome<RedisConnection> open(const StorageUrl& server, TryLimit limit,
                                            net::TlsClient* tls = nullptr,
                                            const RedisDial& dial = {});

  /// Sends a command as encode_command made it, and returns its answer, which may be an error
  /// reply. Of `count` commands, one behind the other, the last answer, or the first error reply.
  RedisOutcome<RedisReply> exchange(std::string_view commands, TryLimit limit,
                                    std::size_t count = 1);

  /// Sends commands of which each stands by itself: an array of all answers, or the error reply to
  /// the first.
  RedisOutcome<RedisReply> exchange_all(std::string_view commands, TryLimit limit,
                                        std::size_t count);

  /// Whether it may be used again: the server has neither closed it nor said anything unasked.
  bool is_usable() { return reader_.is_empty() && transport_->is_quiet(); }

  /// Whether the server said when it was greeted that it is a replica.
  bool is_replica() const { return is_replica_; }

 private:
  explicit RedisConnection(std::unique_ptr<net::Transport> transport)
      : transport_(std::move(transport)) {}

  RedisOutcome<void> greet(const StorageUrl& server, TryLimit limit);
  RedisOutcome<void> send(std::string_view commands, TryLimit limit);
  RedisOutcome<RedisReply> receive(TryLimit limit);
  Result<RedisReply> read_reply(Deadline deadline);

  std::unique_ptr<net::Transport> transport_;
  RedisReplyReader reader_;
  bool is_replica_ = false;
};

}  // namespace rz::storage
