#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/health_check.h"

#pragma GCC visibility push(default)
namespace rz {

/// So many results that are not healthy among the last so many.
struct FailWithin {
  int failures = 1;
  int results = 1;

  bool operator==(const FailWithin&) const = default;
};

/// How long something may take: degraded from `warning` on, unhealthy from `critical` on.
struct LatencyLimits {
  std::optional<Millis> warning;
  std::optional<Millis> critical;

  bool operator==(const LatencyLimits&) const = default;
};

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
  int retries = 0;          ///< Further tries before a bad result counts.
  Millis retry_delay{500};  ///< Before the first of them; doubles, with jitter, up to 30s.
  LatencyLimits latency;    ///< Of one try.
  bool invert = false;      ///< Swaps healthy and unhealthy.
  std::vector<std::string>
      depends_on;  ///< Skipped (unknown, naming the parent) if one is unhealthy.
  /// The checks whose results this one judges, for types that do; it runs after them, and with
  /// them.
  std::vector<std::string> combines;
  std::map<HealthStatus, HealthStatus> severity;  ///< Maps what was found to what is reported.
  /// Bad results in a row after which a healthy check is reported as what was found; this host's
  /// runs count, and the store keeps them. Not with `fail_within`.
  int fail_after = 1;
  int pass_after = 1;                       ///< Healthy results in a row that end that.
  std::optional<FailWithin> fail_within{};  ///< Instead of `fail_after`.
  bool counts = true;                       ///< Among the system's components.
  std::size_t config_line = 0;              ///< 0: no file names it.
};

}  // namespace rz
#pragma GCC visibility pop
