#pragma once

#include <memory>
#include <string>

#include "rz/health/check_type.h"
#include "rz/health/judging/certificate_days.h"
#include "rz/health/judging/phase_limits.h"
#include "rz/net/tls_options.h"

namespace rz::health {

/// `type: grpc`: what a server says of itself by gRPC's health protocol, grpc.health.v1.
struct GrpcCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "grpc";

  std::string address;  ///< `host:port` or `[v6]:port`.
  std::string service;  ///< Empty: the server as a whole.
  bool tls = false;
  TlsOptions tls_options;
  CertificateDays certificate_days{};  ///< Over TLS.
  PhaseLimits phases{};
};

void visit_fields(FieldVisitor& fields, GrpcCheckOptions& options);

/// Healthy if the service is SERVING; unhealthy if it is NOT_SERVING, if the server does not know
/// it, or answers with another status of gRPC, or not at all, or if its certificate ends too soon;
/// degraded if that, or a part of the time, is beyond its warning; unknown if the server does not
/// have the health protocol (UNIMPLEMENTED), does not know the health itself, or if it could not be
/// asked (check_failure.h). Metadata: address, service, of an answer grpc_status, serving and the
/// parts of the time (dns_ms, connect_ms, tls_ms, first_byte_ms), and with certificate_days those
/// of the certificate that ends first.
std::shared_ptr<HealthCheck> make_grpc_check(GrpcCheckOptions options,
                                             HttpClientFactory client = net::make_http_client,
                                             Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const GrpcCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
