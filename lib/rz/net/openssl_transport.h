#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/net/openssl_error.h"
#include "rz/net/tls.h"

namespace rz::net {

/// TLS over another transport, which carries its records. For the module of TLS only.
class OpensslTransport final : public TlsTransport {
 public:
  /// `context` need not outlive it.
  OpensslTransport(SSL_CTX* context, std::unique_ptr<Transport> plain);

  /// Must be called first. `host`: the name or address that the certificate must be for, if
  /// `verify`.
  Result<void> shake_hands(const std::string& host, bool verify, Deadline deadline);

  Result<void> write_all(std::string_view bytes, Deadline deadline) override;
  Result<std::size_t> read_some(std::span<char> buffer, Deadline deadline) override;
  bool is_quiet() override;
  const TlsSession& session() const override { return session_; }
  Result<void> await_acceptance(Deadline deadline) override;

  /// The transport below, as OpenSSL uses it, and how it failed. Its address must not change, since
  /// OpenSSL keeps it.
  struct Below {
    std::unique_ptr<Transport> transport;
    Deadline deadline{};
    std::optional<Error> error{};
  };

  /// Whether the server wants a client certificate, and has let the client in. As Below.
  struct Verdict {
    bool asked = false;
    bool accepted = false;
  };

 private:
  struct Deleter {
    // No close_notify is sent: the child of a fork closes connections that its parent still uses.
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };

  void begin(Deadline deadline);
  tl::unexpected<Error> failed() const;
  std::optional<Error> refusal();

  std::unique_ptr<Below> below_;
  std::unique_ptr<CertificateProblem> problem_;
  std::unique_ptr<Verdict> verdict_;
  std::unique_ptr<SSL, Deleter> ssl_;
  TlsSession session_;
};

}  // namespace rz::net
