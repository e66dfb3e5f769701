#pragma once

#include <memory>
#include <string>

#include "rz/health/check_type.h"
#include "rz/health/judging/certificate_days.h"
#include "rz/health/judging/phase_limits.h"
#include "rz/net/starttls.h"
#include "rz/net/tls_options.h"

namespace rz::health {

/// `type: tls`: the certificates of a server, and the version of TLS that it speaks.
struct TlsCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "tls";

  enum class Protocol { tls_1_2, tls_1_3 };

  std::string address;  ///< `host:port` or `[v6]:port`.
  net::StartTls starttls{};
  TlsOptions tls;
  bool verify_name = true;  ///< With tls.verify off, the name alone.
  Protocol min_protocol = Protocol::tls_1_2;
  CertificateDays certificate_days{.warning = 21, .critical = 7};
  PhaseLimits phases{};  ///< Without first_byte.
};

void visit_fields(FieldVisitor& fields, TlsCheckOptions& options);

/// Healthy if the handshake succeeds, the name is right, and each certificate of the chain has the
/// days that it must; degraded if it has fewer than warning, or if the version of TLS is older than
/// min_protocol; unhealthy if the server refuses, also the client's certificate or its lack, if it
/// declines TLS, if its certificate does not
/// verify or is for another name, or if one of the chain is not valid now, even if nothing is
/// verified, or has fewer days than critical; unknown if it could not be asked (check_failure.h).
/// It is worse, too, if a part of the time reaches its limit.
/// Metadata: address, those of describe_session, names_host, and the parts of the time (dns_ms,
/// connect_ms, tls_ms).
std::shared_ptr<HealthCheck> make_tls_check(TlsCheckOptions options,
                                            Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const TlsCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
