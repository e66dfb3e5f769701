#pragma once

#include <memory>
#include <string>

#include "rz/base/result.h"
#include "rz/health/health_check.h"
#include "rz/net/starttls.h"
#include "rz/net/tls.h"

namespace rz::health {

/// Makes the TLS handshakes of one check. For one thread at a time.
class TlsHandshake {
 public:
  explicit TlsHandshake(TlsOptions options) : options_(std::move(options)) {}

  /// Makes the client for what follows, from the files as they are now. What fails is said by
  /// over(), which makes a client where there is none.
  void prepare();

  /// Asks for TLS in the words of `protocol`, unless that is none, and makes the handshake over
  /// `plain`, a new connection to `host`.
  /// Errors: those of make_tls_client, with own_side; of ask_for_tls; of TlsClient::wrap.
  Result<std::unique_ptr<net::TlsTransport>> over(std::unique_ptr<net::Transport> plain,
                                                  net::StartTls protocol, const std::string& host,
                                                  Deadline deadline);

  /// At the end of a check over `transport` that has found `result`: makes that worse if the server
  /// has asked for a client certificate and now refuses (unhealthy), or if it does not say in half
  /// of the time until `deadline` whether it lets the client in (unknown). `where` begins a
  /// message.
  void judge_acceptance(net::TlsTransport& transport, const std::string& where, Deadline deadline,
                        CheckResult& result) const;

 private:
  Result<void> make_client();

  TlsOptions options_;
  std::unique_ptr<net::TlsClient> client_;
};

}  // namespace rz::health
