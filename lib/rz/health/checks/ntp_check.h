#pragma once

#include <memory>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: ntp`: how far this machine's clock is from that of a time server.
struct NtpCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "ntp";

  std::string server;  ///< A name or an address.
  std::uint16_t port = 123;
  Millis warning{100};     ///< An offset of so much or more is degraded, in either direction.
  Millis critical{1'000};  ///< And of so much unhealthy.
};

void visit_fields(FieldVisitor& fields, NtpCheckOptions& options);

/// Asks the server by SNTP (RFC 4330) and judges the offset of the clock; unhealthy, too, if the
/// server is silent, says that its own clock is not synchronized, or refuses to answer (a kiss of
/// death). Metadata: server, offset_seconds (positive: the server's clock is ahead), delay_seconds,
/// stratum.
std::shared_ptr<HealthCheck> make_ntp_check(NtpCheckOptions options,
                                            Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const NtpCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
