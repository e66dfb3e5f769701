#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/health/check_type.h"
#include "rz/health/clients/tcp_dialogue.h"
#include "rz/health/judging/certificate_days.h"
#include "rz/health/judging/phase_limits.h"
#include "rz/net/starttls.h"
#include "rz/net/tls_options.h"

namespace rz::health {

/// `type: tcp`: a port that accepts connections and, if it is asked to, says the right things.
struct TcpCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "tcp";

  std::string address;                    ///< `host:port` or `[v6]:port`.
  std::string send;                       ///< What is sent first; empty: nothing.
  std::string expect;                     ///< What the answer must hold; empty: none is needed.
  std::vector<TcpStep> dialogue;          ///< Further steps.
  bool tls = false;                       ///< From the first byte on.
  net::StartTls starttls{};               ///< Before the dialogue, in the words of a protocol.
  TlsOptions tls_options;                 ///< Of any of the three ways to TLS.
  CertificateDays certificate_days;       ///< Where there is TLS.
  std::optional<Millis> latency_warning;  ///< So long or longer is degraded.
  PhaseLimits phases;
};

void visit_fields(FieldVisitor& fields, TcpCheckOptions& options);

/// Healthy if the port accepts a connection and every step of the dialogue succeeds; degraded if it
/// answers with something else, has a certificate with too few days, or took as long as a limit;
/// unhealthy if it refuses, also the client's certificate, is silent, declines TLS, or if its
/// certificate does not verify, is not valid now (even if nothing is verified), or has fewer days
/// than critical; unknown if it could not be asked (check_failure.h). That nobody listens is an
/// answer, which may be inverted. See TcpDialogue for what messages hold. Metadata: address, and if
/// it succeeded duration_ms, dns_ms, connect_ms, with TLS tls_ms, first_byte_ms if something was
/// read, and those of describe_session.
std::shared_ptr<HealthCheck> make_tcp_check(TcpCheckOptions options,
                                            Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const TcpCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
