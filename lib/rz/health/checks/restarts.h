#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/health/judging/findings.h"

namespace rz::health {

/// Judges how often something was restarted, where `warning` asks for it: from so many on it is
/// degraded, and unknown if nobody tells the number.
inline void judge_restarts(std::optional<std::int64_t> restarts, std::optional<int> warning,
                           Findings& findings) {
  if (!warning) return;
  const std::string limit = "warning from " + std::to_string(*warning);
  if (!restarts) {
    findings.add(HealthStatus::unknown, "the number of restarts is not told, " + limit);
  } else if (*restarts >= *warning) {
    findings.add(HealthStatus::degraded, std::to_string(*restarts) + " restarts, " + limit);
  }
}

}  // namespace rz::health
