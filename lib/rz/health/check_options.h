#pragma once

#include <concepts>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// One entry of `health.checks`: a type of check and its options. A value; copies share the
/// options, which never change.
class CheckSpec {
 public:
  /// `type` is the name of one of check_types(), and `options` are of that type.
  CheckSpec(std::string_view type, std::shared_ptr<const CheckOptions> options)
      : type_(type), options_(std::move(options)) {}

  template <std::derived_from<CheckOptions> Options>
  CheckSpec(Options options)
      : CheckSpec(Options::kType, std::make_shared<const Options>(std::move(options))) {}

  std::string_view type() const { return type_; }
  const CheckOptions& options() const { return *options_; }

  /// The options if they are of that type, else nullptr.
  template <class Options>
  const Options* get_if() const {
    return dynamic_cast<const Options*>(options_.get());
  }

 private:
  std::string_view type_;  ///< A literal.
  std::shared_ptr<const CheckOptions> options_;
};

}  // namespace rz
#pragma GCC visibility pop
