#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/tls_options.h"
#include "rz/net/transport.h"

namespace rz::net {

/// A certificate that the other side has presented, or that its chain leads to.
struct PeerCertificate {
  std::string subject;  ///< `CN=redis,O=Example`; printable, as are the next two.
  std::string issuer;
  std::string names;  ///< What it is for: `a.example, 10.0.0.1`; its subject if it has no names.
  TimePoint not_before{};
  TimePoint not_after{};
};

/// What the two sides of a connection have agreed on.
struct TlsSession {
  std::string protocol;  ///< `TLSv1.2` or `TLSv1.3`.
  std::string cipher;    ///< OpenSSL's name of it.
  /// From the server's own certificate to that of the authority: the chain that was verified, else,
  /// with `verify` off, what the server has sent of it. Others that it has sent are not among them.
  std::vector<PeerCertificate> chain;
  /// Whether the server's certificate is for the name that was asked for, verified or not.
  bool names_host = false;
};

/// A connection over TLS.
class TlsTransport : public Transport {
 public:
  /// Valid as long as the connection.
  virtual const TlsSession& session() const = 0;

  /// Ends the client's side of the connection, and waits until the server is known to have let it
  /// in. With TLS 1.3 a server that asks for a client certificate refuses the one that it gets, or
  /// that it gets none, only after the handshake. Any other has decided by then, and nothing is
  /// waited for. Errors: auth (it refuses), unavailable (it closes without a word), timeout.
  virtual Result<void> await_acceptance(Deadline deadline) = 0;
};

/// Adds TLS, 1.2 or newer, to connections. Thread-safe.
class TlsClient {
 public:
  virtual ~TlsClient() = default;

  /// Makes the TLS handshake over `plain`, which is connected to `host`, a name or an address.
  /// Errors: auth (one side refuses the other's certificate), corrupt (the answer is not TLS),
  /// unavailable (the other side is gone), timeout. With TLS 1.3 a server refuses the client's
  /// certificate only after the handshake: then the first read or write fails with auth.
  virtual Result<std::unique_ptr<TlsTransport>> wrap(std::unique_ptr<Transport> plain,
                                                     const std::string& host,
                                                     Deadline deadline) = 0;
};

/// The client on OpenSSL, which the first call loads. Reads the files of `options`.
/// Errors: invalid_argument (a file that cannot be read, a key of another certificate),
/// unavailable.
Result<std::unique_ptr<TlsClient>> make_tls_client(const TlsOptions& options);

}  // namespace rz::net
