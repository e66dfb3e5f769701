#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/tls_options.h"
#include "rz/storage/storage.h"

namespace rz::net {
class Transport;  // Internal: transport.h.
}  // namespace rz::net

namespace rz::storage {
struct StorageUrl;  // Internal: storage_url.h.
}  // namespace rz::storage

#pragma GCC visibility push(default)
namespace rz {

/// Makes the connection, without TLS, to one Redis server (of kind redis or redis_unix).
using RedisDial = std::function<Result<std::unique_ptr<net::Transport>>(
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

/// Opens the store that `options.url` names (RedisStorage, SqliteStorage, MemoryStorage). For Redis
/// nothing is sent before the first call. `clock` must outlive the store.
/// Errors: invalid_argument (the URL), unavailable, corrupt.
Result<std::unique_ptr<Storage>> open_storage(const StorageOptions& options,
                                              Clock& clock = SystemClock::instance());

/// What tells the store of `options` from every other one, whoever asks on this machine: the URL
/// without user, secrets and TLS, its hosts sorted, a path made absolute (by its name: it does not
/// matter what exists and where links lead), and the key prefix. Empty for a store of this process
/// alone, and for an invalid URL.
std::string store_identity(const StorageOptions& options);

}  // namespace rz
#pragma GCC visibility pop
