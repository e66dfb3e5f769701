#pragma once

#include <string>

#pragma GCC visibility push(default)
namespace rz {

/// TLS of a connection. The certificate of the server and its name are verified by default.
struct TlsOptions {
  /// Trusted authorities: a PEM file, or a folder as `openssl rehash` makes it; empty: the
  /// system's.
  std::string ca{};
  std::string cert{};         ///< Client certificate and its chain, PEM; empty: none.
  std::string key{};          ///< Its private key, PEM, without a passphrase.
  std::string server_name{};  ///< For SNI and verification; empty: the host that is connected to.
  bool verify = true;
};

}  // namespace rz
#pragma GCC visibility pop
