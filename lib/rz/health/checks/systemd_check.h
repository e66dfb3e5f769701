#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: systemd`: a unit of systemd and the state that it is in.
struct SystemdCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "systemd";

  std::string unit;
  std::vector<std::string> states = {"active", "reloading"};  ///< The good ones.
  std::optional<std::int64_t> restarts_warning;  ///< So many restarts or more are degraded.
  bool user = false;                             ///< A unit of the user's own manager.
};

void visit_fields(FieldVisitor& fields, SystemdCheckOptions& options);

/// Healthy in one of `states`, if its last run ended well; degraded on the way there or after too
/// many restarts; else unhealthy. Unknown if there is no such unit, or systemd does not run or does
/// not answer: `systemctl` is asked, and the message has what it says. Metadata: unit,
/// active_state, sub_state, result, restarts, uptime_seconds (since it began to start).
std::shared_ptr<HealthCheck> make_systemd_check(SystemdCheckOptions options,
                                                std::string systemctl = "systemctl");
std::shared_ptr<HealthCheck> make_health_check(const SystemdCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
