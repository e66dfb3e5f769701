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

/// A time in which a check is run and reported, and does not count: a single one, or one that
/// recurs at a time of the wall clock.
struct MaintenanceWindow {
  std::optional<TimePoint> once;  ///< When a single one begins; nothing: it recurs.
  Millis start{0};                ///< When one that recurs begins, after midnight in `timezone`.
  Millis duration{0};             ///< Of real time, so that a change of the clocks moves its end.
  std::vector<int> days;          ///< On which it recurs, 0 for Sunday; empty: daily.
  std::string timezone = "UTC";   ///< A name of the tz database, as `Europe/Berlin`.

  bool operator==(const MaintenanceWindow&) const = default;
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
  bool invert = false;      ///< Swaps healthy and unhealthy, where the subject has answered.
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
  /// From which status on it counts as bad in the exit code; nothing: as whoever asks says.
  std::optional<HealthStatus> fail_on{};
  std::vector<MaintenanceWindow> maintenance{};
  /// After the start of this machine or container, and of the process, unit or container that it
  /// watches, a bad result does not count for so long.
  Millis start_period{0};
  /// A condition over facts of this host and results of other checks; while it is false, the check
  /// is skipped and does not count. Empty: it always runs.
  std::string run_if{};
  std::vector<std::string> awaits{};  ///< The checks whose results `run_if` names.
  /// If all canaries fail for a reason of this host's own side, nothing can be said of the others.
  bool canary = false;
  bool counts = true;           ///< Among the system's components.
  std::size_t config_line = 0;  ///< 0: no file names it.
};

}  // namespace rz
#pragma GCC visibility pop
