#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/notices.h"
#include "rz/base/result.h"
#include "rz/config/config.h"
#include "rz/fallback/anomaly_detection.h"
#include "rz/fallback/callback.h"
#include "rz/fallback/fallback_actions.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/health/health_monitor.h"
#include "rz/metrics/make_sinks.h"
#include "rz/runtime/check_selection.h"
#include "rz/storage/bounded_storage.h"
#include "rz/storage/read_ahead.h"
#include "rz/storage/storage.h"

namespace rz {

/// What whoever runs rz says, and no configuration can.
struct RuntimeOptions {
  std::string config{};          ///< The file; empty: the first that find_config() finds.
  std::string storage_url{};     ///< Goes before that of the configuration; empty: there is none.
  std::string storage_source{};  ///< What named `storage_url`, for messages: `--storage`.
  MetricsLog log{};              ///< Takes the lines of logging sinks.
  /// Makes of a configured program what is called on entering a mode; null: command_callback().
  std::function<ModeCallback(const CommandOptions&)> callback{};
};

/// The health state as far as it can be seen.
struct Observation {
  HealthState state;
  /// Why the store does not answer: then the state is what the checks alone tell, and incomplete.
  std::optional<Error> outage{};
  /// Until when (of Clock::monotonic) the store may be waited for; nothing: it was not asked.
  std::optional<std::chrono::nanoseconds> store_until{};
};

/// For what a manager is made.
struct ManagerOptions {
  MetricsSink* sink = nullptr;  ///< Must outlive it.
  /// How long all of its calls together ask the store, from now on; nothing: default_deadline().
  std::optional<Millis> deadline{};
  /// It goes on where this has ended: with the time that is left, and without asking a store that
  /// was found away again.
  const Observation* after = nullptr;
};

/// Whether a store is also asked whether it has lost its memory where nothing waits for it.
enum class BringBack { waiting, all };

/// What is made of a configuration: a program, and a server, works with one of these. Config and
/// store are opened when first asked for, so that who needs neither pays for neither. What a person
/// should know goes to `notices`, which must outlive it, as the clock. For one thread.
///
/// What is made here refers to it, and must be gone before it.
class Runtime {
 public:
  Runtime(RuntimeOptions options, Notices& notices, Clock& clock = SystemClock::instance());

  const RuntimeOptions& options() const { return options_; }

  /// The configuration; its warnings are told once. Errors: config.
  Result<const Config*> config();

  /// The store that options, configuration or default name; one that cannot be opened now answers
  /// every call with the error. Errors: config, invalid_argument (a wrong URL).
  Result<Storage*> storage();

  /// The same to keep something in. Errors: also invalid_argument for `memory:`, which is gone when
  /// the process ends.
  Result<Storage*> lasting_storage();

  /// How long a decision may wait for the store where nobody says: 10s, or twice the configured
  /// `storage.timeout` where that is longer.
  Result<Millis> default_deadline();

  /// The sink of `health.metrics`. One that is unavailable is left out, with a warning.
  Result<std::unique_ptr<MetricsSink>> sinks();

  /// A monitor with the checks that `selection` names, and those that they depend on. `timeout`: of
  /// the whole run, if not the configuration's. `sink` must outlive it. Errors: config;
  /// invalid_argument for a name that no check has, with the nearest, and for a wrong storage URL.
  Result<std::unique_ptr<HealthMonitor>> monitor(const CheckSelection& selection = {},
                                                 std::optional<Millis> timeout = std::nullopt,
                                                 MetricsSink* sink = nullptr);

  /// Runs all checks and reads what is stored. The store is waited for until `deadline` after the
  /// checks (nothing: default_deadline()); checks that ask it keep to a `deadline` that is given.
  /// Where it is away the state is that of the checks alone: an outage is no reason not to decide
  /// (see FallbackManager), and for whoever needs the whole state it stands in the observation.
  /// Sets `threads_abandoned`. Errors: config, and those of the store that are no outage.
  Result<Observation> observe(MetricsSink* sink = nullptr,
                              std::optional<Millis> deadline = std::nullopt);

  /// A manager on the store, with policy and callbacks of the configuration. Every call
  /// of it together asks the store for a bounded time, and no more once it was found away.
  Result<std::unique_ptr<FallbackManager>> manager(const ManagerOptions& options = {});

  /// The detectors of the configuration. Errors: config.
  Result<AnomalyDetection> detection();

  /// The configured actions, with their definitions in the store. Asked for after a manager, they
  /// have what is left of its time. Errors: config, and those of the store.
  Result<std::unique_ptr<FallbackActions>> actions();

  /// Brings what was decided while the store was away into it, if anything waits; says so. Whether
  /// the history has all that this host knows of: it has not where the store is away, or has lost
  /// its memory, or something of the spool cannot be read. Errors: config.
  Result<bool> bring_back_spool(BringBack what);

  /// Whether a thread was left behind (a check stuck in the kernel), which may still use whatever
  /// this refers to: a program then ends without destroying anything.
  bool threads_abandoned = false;

 private:
  Result<std::unique_ptr<Storage>> open_store(const StorageOptions& options);
  Result<BoundedStorage*> bound_storage(Millis deadline);
  Result<Millis> time_for_store(const ManagerOptions& options);

  RuntimeOptions options_;
  Notices& notices_;
  Clock& clock_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<ReadAhead> storage_;
  std::unique_ptr<BoundedStorage> bounded_;  ///< Of the last call of bound_storage().
  std::string storage_identity_;             ///< What tells the store from others on this machine.
};

}  // namespace rz
