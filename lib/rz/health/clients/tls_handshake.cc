#include "rz/health/clients/tls_handshake.h"

#include <chrono>
#include <utility>

#include "rz/base/try.h"

namespace rz::health {

void TlsHandshake::prepare() {
  client_.reset();
  (void)make_client();
}

Result<void> TlsHandshake::make_client() {
  auto made = net::make_tls_client(options_);
  if (!made) {
    // A library or a file is missing here, which says nothing about the server.
    made.error().own_side = true;
    return fail(std::move(made).error());
  }
  client_ = *std::move(made);
  return {};
}

Result<std::unique_ptr<net::TlsTransport>> TlsHandshake::over(std::unique_ptr<net::Transport> plain,
                                                              net::StartTls protocol,
                                                              const std::string& host,
                                                              Deadline deadline) {
  if (!client_) TRY(make_client());
  TRY(net::ask_for_tls(*plain, protocol, deadline));
  return client_->wrap(std::move(plain), host, deadline);
}

void TlsHandshake::judge_acceptance(net::TlsTransport& transport, const std::string& where,
                                    Deadline deadline, CheckResult& result) const {
  const auto now = std::chrono::steady_clock::now();
  const auto accepted = transport.await_acceptance(now + (deadline - now) / 2);
  if (accepted) return;
  if (accepted.error().code == ErrorCode::auth) {
    result.status = HealthStatus::unhealthy;
    result.message = where + accepted.error().message;
    result.failure = accepted.error();
    return;
  }
  result.status = worst(result.status, HealthStatus::unknown);
  result.message += std::string("; the server asks for a client certificate, and does not say ") +
                    (options_.cert.empty() ? "whether it does without ('cert' and 'key')"
                                           : "whether it takes this one");
}

}  // namespace rz::health
