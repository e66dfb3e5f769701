#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/value.h"

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

}  // namespace rz
#pragma GCC visibility pop
