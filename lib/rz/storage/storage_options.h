#pragma once

#include <string>

#include "rz/base/clock.h"

namespace rz {

/// TLS of a connection. Verification of the certificate and of the host name is on by default.
struct TlsOptions {
  std::string ca;           ///< PEM file or folder of trusted roots; empty: the system's.
  std::string cert;         ///< Client certificate chain, PEM; empty: none.
  std::string key;          ///< Its private key, PEM.
  std::string server_name;  ///< For SNI and verification; empty: the host that is connected to.
  bool verify = true;
};

/// How a store is reached. The defaults are those of config.md.
struct StorageOptions {
  std::string url{};         ///< See storage_url.h; empty: default_storage_url().
  Millis timeout{5'000};     ///< Of one try, connecting included.
  int max_retries = 3;       ///< Further tries of what may safely be tried again.
  Millis retry_delay{500};   ///< First delay; doubles, with jitter, inside `deadline`.
  Millis deadline{15'000};   ///< Of one operation with all its retries.
  std::string key_prefix{};  ///< Put before every key.
  std::string password{};    ///< Used where the URL has none (REDISCLI_AUTH, password_file).
  TlsOptions tls{};
};

}  // namespace rz
