#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/storage/redis/redis_reply.h"
#include "rz/storage/redis/try_limit.h"

namespace rz::storage {

/// What went wrong with a command, for a person and for the decision whether to try again.
struct RedisFailure {
  Error error;
  std::string code{};  ///< First word of the error reply, e.g. "LOADING"; empty if there was none.
  /// Whether it may go away by itself: a lost connection, a server that is loading.
  bool transient = false;
  /// Whether the server may have carried the command out.
  bool maybe_done = false;
  /// Whether it is the value at the command's key that is wrong.
  bool about_key = false;
};

/// Whether `reply` is the error whose first word is `code`, e.g. "NOSCRIPT".
bool is_redis_error(const RedisReply& reply, std::string_view code);

/// Translates an error reply to `command`, the name of what was sent, e.g. "GET". Never shows
/// arguments of the command, which the server may have repeated. The place is left empty.
RedisFailure translate_reply(const RedisReply& reply, std::string_view command);

/// Translates an error reply to AUTH. `has_user` and `has_password` tell what was given. Shows no
/// words of the server's: they could repeat the password.
RedisFailure translate_auth_reply(const RedisReply& reply, bool has_user, bool has_password);

/// Translates the failure to connect within `limit`. `hint` is a way out.
RedisFailure translate_connect_error(const Error& cause, const TryLimit& limit,
                                     std::string_view hint);

/// Translates the failure of TLS on a connection that was made, within `limit`.
RedisFailure translate_tls_error(const Error& cause, const TryLimit& limit);

/// Translates the failure to send a request within `limit` (`sent` is false), or to receive its
/// answer.
RedisFailure translate_exchange_error(const Error& cause, const TryLimit& limit, bool sent);

}  // namespace rz::storage
