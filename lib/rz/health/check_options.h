#pragma once

#include <map>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/health_check.h"

#pragma GCC visibility push(default)
namespace rz {

/// What every check takes, whatever its type. The options of each type, which stand beside the
/// check, derive from it.
struct CheckOptions {
  CheckOptions() = default;
  CheckOptions(const CheckOptions&) = default;
  CheckOptions& operator=(const CheckOptions&) = default;
  virtual ~CheckOptions() = default;

  std::string name;
  Millis timeout{5'000};
  std::vector<std::string> tags;
  int retries = 0;  ///< Further tries before a bad result counts.
  Millis retry_delay{500};
  bool invert = false;  ///< Swaps healthy and unhealthy.
  std::vector<std::string>
      depends_on;  ///< Skipped (unknown, naming the parent) if one is unhealthy.
  /// The checks whose results this one judges, for types that do; it runs after them, and with
  /// them.
  std::vector<std::string> combines;
  std::map<HealthStatus, HealthStatus> severity;  ///< Maps what was found to what is reported.
  bool counts = true;                             ///< Among the system's components.
};

}  // namespace rz
#pragma GCC visibility pop
