#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/health/health_check.h"

#pragma GCC visibility push(default)
namespace rz {

/// How long a run of a component may take, as whoever started it said; nothing: nobody said.
struct RunLimits {
  std::optional<Millis> max{};
  std::optional<Millis> min{};
};

/// A run of a component that starts and ends: a job, a backup.
struct ComponentRun {
  std::string id;  ///< Tells apart runs that overlap; empty: none was given.
  TimePoint started{};
  std::optional<TimePoint> ended{};          ///< Nothing: it has not ended.
  std::optional<double> duration_seconds{};  ///< Nothing: not ended, or not known.
  std::optional<int> exit_code{};            ///< Of its program, 128 + n if signal n ended it.
  RunLimits limits{};
};

/// What a component reported about itself, as ComponentRegistry keeps it.
struct ComponentHealth {
  std::string name;
  std::string status = "unknown";  ///< `healthy degraded failed unknown`.
  std::string message;
  TimePoint last_updated{};
  std::int64_t error_count = 0;    ///< Reports of `failed` so far.
  std::int64_t warning_count = 0;  ///< Reports of `degraded` so far.
  std::string last_error;
  bool fallback_active = false;  ///< Its status is degraded: it runs, but not as it should.
  Value metadata = Value::object();
  /// Reports that were missed so far, as far as reporters knew how often to report.
  std::int64_t missed_count = 0;
  std::optional<ComponentRun> running{};   ///< Started, and not ended.
  std::optional<ComponentRun> last_run{};  ///< The one that the last report ended, if it did.
};

/// Every field of the struct by its name; `missed_count`, `running` and `last_run` only if they say
/// something.
Value to_value(const ComponentHealth& component);

/// A component that is not healthy, and what it reported.
struct ComponentProblem {
  std::string name;
  std::string status;   ///< `failed degraded unknown`.
  std::string message;  ///< May hold bytes from outside; empty if nothing was said.

  bool operator==(const ComponentProblem&) const = default;
};

/// The words that a state may hold; no other word is accepted. Those of the resources are in order,
/// from the one that says least to the worst.
inline constexpr std::string_view kSystemWords[] = {"healthy", "degraded", "failed", "unknown"};
inline constexpr std::string_view kCircuitWords[] = {"CLOSED", "OPEN", "HALF_OPEN", "UNKNOWN"};
inline constexpr std::string_view kRetryWords[] = {"STABLE", "ELEVATED", "CRITICAL"};
inline constexpr std::string_view kResourceWords[] = {"unknown", "healthy", "warning", "critical"};

/// The comprehensive state of a system, from which the policy decides. Its fields are those of the
/// old system's state; to_value() gives its JSON. A field that is missing from a document keeps its
/// default, which never causes a worse mode.
struct HealthState {
  struct System {
    std::string status = "unknown";  ///< One of kSystemWords.
    std::int64_t healthy_components = 0;
    std::int64_t degraded_components = 0;
    std::int64_t failed_components = 0;
    std::int64_t total_components = 0;
    std::int64_t unknown_components = 0;  ///< Those that nothing is known about.
    /// All that are not healthy: the failed ones first, then the degraded, then the unknown.
    std::vector<ComponentProblem> problems{};
  };
  struct CircuitBreaker {
    bool available = false;
    std::string state = "UNKNOWN";  ///< One of kCircuitWords.
    double open_duration_seconds = 0;
    std::int64_t failures_total = 0;
    std::int64_t successes_total = 0;
    std::int64_t trips_total = 0;
    std::int64_t consecutive_failures = 0;
  };
  struct Retry {
    std::string state = "STABLE";  ///< STABLE below 5 failures, ELEVATED below 20, else CRITICAL.
    std::int64_t failures_1h = 0;
    double failure_rate = 0;  ///< Failures a second over the window.
    std::int64_t total_attempts = 0;
  };
  struct Resources {
    bool available = false;
    std::string cpu = "unknown";  ///< One of kResourceWords, as are the next three.
    std::string memory = "unknown";
    std::string disk = "unknown";
    std::string overall = "unknown";
    double cpu_percent = 0;  ///< In use since a minute or two ago; 0 where that is not known.
    double memory_percent = 0;
    double disk_percent = 0;
    /// The share of the last minute in which some process waited for a CPU; not every kernel tells.
    std::optional<double> cpu_pressure_percent{};
  };
  struct Fallback {
    std::string mode = "primary";
    Value cascade_log = Value::array();  ///< The last ten transitions.
  };

  TimePoint timestamp{};
  System system;
  CircuitBreaker circuit_breaker;
  Retry retry;
  Resources resources;
  Fallback fallback;
  std::vector<ComponentHealth> components;
  std::vector<CheckResult> health_checks;
  double uptime_seconds = 0;
  /// False if the store, or a record in it, could not be read: then components, breaker, retry and
  /// uptime may be too small. Not part of the document.
  bool complete = true;
  /// Which records. Not part of the document.
  std::vector<Error> unreadable;
  /// As CheckReport::void_because: then no better mode follows from the state. A member `void` of
  /// the document, if it is not empty.
  std::string void_because;
};

/// The worst of cpu, memory and disk, which is their `overall`. An unknown part counts only if all
/// are unknown.
std::string worst_part(const HealthState::Resources& resources);

/// Puts the failed ones first, then the degraded, then the unknown; otherwise keeps their order.
void sort_problems(std::vector<ComponentProblem>& problems);

/// `{"name","type","status","message","latency_ms","timestamp","metadata"}`.
Value to_value(const CheckResult& check);

/// The state in the shape of the old system, with `system.unknown_components` and `system.problems`
/// (`[{"name","status","message"}]`) added:
/// `{"timestamp","system":{…},"circuit_breaker":{…},"retry":{…},
/// "resources":{"status":{…},"current_metrics":{…},"available"},"fallback":{…},"components":{name:{…}},
/// "health_checks":{name:{…}},"uptime_seconds"}`.
Value to_value(const HealthState& state);

/// Reads that shape. Any part may be missing or null, any member may be missing, and unknown
/// members are ignored (another system's state has its own), unless they are misspelt ones of the
/// document, of system, of circuit_breaker or of resources; in the other parts a near name may be
/// another system's, too. What could be misread is an error,
/// since a mode is decided from it: a member of a wrong type (also null), a word that is not one of
/// those above (in any case; `unhealthy` means `failed`), two members of one name, a document with
/// none of the parts. Where `overall` is missing it is worst_part(). If a document has no
/// `system.problems`, they are taken from its `components` as far as those can be read, since
/// nothing is decided from them.
/// Errors: parse, `where` = `SOURCE: path.to.field`.
Result<HealthState> health_state_from(const Value& value, std::string_view source = "state");

}  // namespace rz
#pragma GCC visibility pop
