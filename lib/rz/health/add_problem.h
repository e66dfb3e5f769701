#pragma once

#include <string>

#include "rz/health/health_check.h"

namespace rz::health {

/// Adds `problem` to the message of `result`, which gets `status` if that is worse.
inline void add_problem(CheckResult& result, HealthStatus status, const std::string& problem) {
  result.status = worst(result.status, status);
  result.message += (result.message.empty() ? "" : "; ") + problem;
}

}  // namespace rz::health
