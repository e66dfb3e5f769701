#pragma once

#include <string>

#include "rz/base/clock.h"
#include "rz/net/tls.h"

namespace rz {

/// How a store is reached. The defaults are those of config.md.
struct StorageOptions {
  std::string url{};         ///< See storage_url.h; empty: default_storage_url().
  Millis timeout{5'000};     ///< Of one try, connecting included.
  int max_retries = 3;       ///< Further tries of what may safely be tried again.
  Millis retry_delay{500};   ///< First delay; doubles, with jitter, inside `deadline`.
  Millis deadline{15'000};   ///< Of one operation with all its retries.
  std::string key_prefix{};  ///< Put before every key.
  std::string password{};    ///< Used where the URL has none (REDISCLI_AUTH, password_file).
  /// Of the sentinels, which have users of their own.
  std::string sentinel_user{};
  std::string sentinel_password{};
  TlsOptions tls{};  ///< Used where the URL asks for TLS; its parameters come first.
};

}  // namespace rz
