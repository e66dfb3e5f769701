#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"
#include "rz/net/echo_socket.h"

namespace rz::health {

/// `type: ping`: a host that answers ICMP echo requests.
struct PingCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "ping";

  enum class Ip { any, v4, v6 };

  std::string host;  ///< A name or an address.
  Ip ip = Ip::any;
  int count = 5;
  Millis interval{200};
  double loss_warning = 20;   ///< Percent.
  double loss_critical = 60;  ///< Percent.
  std::optional<Millis> rtt_warning;
  std::optional<Millis> rtt_critical;
};

void visit_fields(FieldVisitor& fields, PingCheckOptions& options);

using EchoSocketOpener =
    std::function<Result<std::unique_ptr<net::EchoSocket>>(const net::SocketAddress&)>;

/// Healthy if fewer answers are lost than loss_warning, and they took less than rtt_warning on
/// average; degraded or unhealthy from the limits on, and unhealthy if none comes; unknown if
/// nothing could be sent, as where this user may not send ICMP (check_failure.h). The last answers
/// are waited for until nine tenths of the check's timeout have passed. Metadata: host, way, sent,
/// received, loss_percent, rtt_min_ms, rtt_avg_ms, rtt_max_ms.
std::shared_ptr<HealthCheck> make_ping_check(PingCheckOptions options,
                                             EchoSocketOpener opener = net::open_echo_socket);
std::shared_ptr<HealthCheck> make_health_check(const PingCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
