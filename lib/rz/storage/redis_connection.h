#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/transport.h"
#include "rz/storage/redis_error.h"
#include "rz/storage/redis_reply.h"
#include "rz/storage/storage_options.h"
#include "rz/storage/storage_url.h"

namespace rz {

/// The Redis server that `options.url` names; where the URL has no password, with that of
/// `options.password`.
/// Errors: invalid_argument (a wrong URL, no URL of Redis, or a kind that is not supported).
Result<StorageUrl> redis_server_of(const StorageOptions& options);

/// A value, or how the server was missed.
template <class T>
using RedisOutcome = tl::expected<T, RedisFailure>;

/// An authenticated connection to one Redis server, with its database selected. Not thread-safe.
/// After a failure it is of no use any more. Errors name no place.
class RedisConnection {
 public:
  /// Connects, authenticates, selects the database and names the connection `rz`, within `limit`.
  static RedisOutcome<RedisConnection> open(const StorageUrl& server, Millis limit);

  /// Sends a command as encode_command made it, and returns its answer, which may be an error
  /// reply.
  RedisOutcome<RedisReply> exchange(std::string_view command, Millis limit);

  /// Whether it may be used again: the server has neither closed it nor said anything unasked.
  bool is_usable() { return reader_.is_empty() && transport_->is_quiet(); }

 private:
  explicit RedisConnection(std::unique_ptr<Transport> transport)
      : transport_(std::move(transport)) {}

  RedisOutcome<void> greet(const StorageUrl& server, Millis limit, Deadline deadline);
  Result<RedisReply> read_reply(Deadline deadline);

  std::unique_ptr<Transport> transport_;
  RedisReplyReader reader_;
};

}  // namespace rz
