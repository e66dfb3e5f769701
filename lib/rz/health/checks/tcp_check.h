#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: tcp`: a port that accepts connections and, if it is asked to, says the right thing.
struct TcpCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "tcp";

  std::string address;                    ///< `host:port` or `[v6]:port`.
  std::string send;                       ///< What is sent first; empty: nothing.
  std::string expect;                     ///< What the answer must hold; empty: none is needed.
  std::optional<Millis> latency_warning;  ///< Longer than this is degraded.
};

void visit_fields(FieldVisitor& fields, TcpCheckOptions& options);

/// Healthy if the port accepts a connection and answers with `expect` within its first 64 KiB;
/// degraded if it answers with something else, or took longer than `latency_warning`; unhealthy if
/// it refuses or is silent; unknown if it could not be asked (check_failure.h). No message holds
/// what is sent or expected: both may be secrets. Metadata: address, and duration_ms if it
/// succeeded.
std::shared_ptr<HealthCheck> make_tcp_check(TcpCheckOptions options);
std::shared_ptr<HealthCheck> make_health_check(const TcpCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
