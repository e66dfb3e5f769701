#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/base/value.h"
#include "rz/health/health_check.h"
#include "rz/net/tls.h"

namespace rz::health {

/// How many days the certificates of a server must have left, all of its chain.
struct CertificateDays {
  std::optional<std::int64_t> warning;   ///< With fewer it is degraded.
  std::optional<std::int64_t> critical;  ///< With fewer it is unhealthy.
};

/// The key `certificate_days`.
void visit_certificate_days(FieldVisitor& fields, CertificateDays& options);

/// What the chain of a server means for its health.
struct CertificateJudgement {
  HealthStatus status = HealthStatus::healthy;
  std::string message;  ///< About the certificate that decides, a clause: `the certificate of … `.
};

/// Judges the certificate of `chain` that ends first. One that has ended, or has not begun, is
/// unhealthy, whatever `limits` say: clients refuse it. A server without any is unhealthy too.
CertificateJudgement judge_chain(const std::vector<net::PeerCertificate>& chain,
                                 const CertificateDays& limits, TimePoint now);

/// Adds to `metadata` what is known of the certificate of `chain` that ends first:
/// certificate_subject, certificate_not_after, and certificate_days with its limits.
void describe_certificate(Value& metadata, const std::vector<net::PeerCertificate>& chain,
                          const CertificateDays& limits, TimePoint now);

/// Adds to `metadata` what is known of a connection: tls_protocol, tls_cipher, and what
/// describe_certificate() adds.
void describe_session(Value& metadata, const net::TlsSession& session,
                      const CertificateDays& limits, TimePoint now);

}  // namespace rz::health
