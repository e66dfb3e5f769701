#pragma once

#include <memory>
#include <string>

#include "rz/base/result.h"
#include "rz/net/starttls.h"
#include "rz/net/tls.h"

namespace rz::health {

/// Makes the TLS handshakes of one check, with a client that the first of them makes and later runs
/// use again: reading the authorities of a system takes longer than a handshake. For one thread at
/// a time.
class TlsHandshake {
 public:
  explicit TlsHandshake(TlsOptions options) : options_(std::move(options)) {}

  /// Asks for TLS in the words of `protocol`, unless that is none, and makes the handshake over
  /// `plain`, a new connection to `host`.
  /// Errors: those of make_tls_client, with own_side; of ask_for_tls; of TlsClient::wrap.
  Result<std::unique_ptr<TlsTransport>> over(std::unique_ptr<Transport> plain,
                                             net::StartTls protocol, const std::string& host,
                                             Deadline deadline);

 private:
  TlsOptions options_;
  std::unique_ptr<TlsClient> client_;
};

}  // namespace rz::health
