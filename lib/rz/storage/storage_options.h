#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/tls.h"
#include "rz/net/transport.h"

namespace rz::storage {
struct StorageUrl;  // Internal: storage_url.h.
}  // namespace rz::storage

#pragma GCC visibility push(default)
namespace rz {

/// Makes the connection, without TLS, to one Redis server (of kind redis or redis_unix).
using RedisDial = std::function<Result<std::unique_ptr<Transport>>(
    const storage::StorageUrl& server, Deadline deadline)>;

/// How a store is reached. The defaults are those of rz.yaml(5).
struct StorageOptions {
  std::string url{};        ///< See storage_url.h; empty: default_storage_url().
  Millis timeout{5'000};    ///< How long one try may take, connecting included.
  int max_retries = 3;      ///< Further tries of an operation that may safely be repeated.
  Millis retry_delay{500};  ///< The first delay; doubles, with jitter, within `deadline`.
  Millis deadline{15'000};  ///< How long one operation may take with all its tries.
  /// How long opening the store may take, where that waits for anybody; nothing: `deadline`.
  std::optional<Millis> open_within{};
  std::string key_prefix{};  ///< Put before every key.
  std::string password{};    ///< Used where the URL has none (REDISCLI_AUTH, password_file).
  /// Of the sentinels, which have users of their own.
  std::string sentinel_user{};
  std::string sentinel_password{};
  TlsOptions tls{};  ///< Used where the URL asks for TLS; its parameters come first.
  RedisDial dial{};  ///< Empty: connect_tcp, connect_unix. Tests put a server of theirs here.
};

}  // namespace rz
#pragma GCC visibility pop
