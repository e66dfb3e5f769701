#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/notices.h"
#include "rz/base/result.h"
#include "rz/config/config.h"
#include "rz/fallback/anomaly_detection.h"
#include "rz/fallback/callbacks/command_callback.h"
#include "rz/fallback/fallback_actions.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/scoped_storage.h"
#include "rz/health/health_monitor.h"
#include "rz/metrics/make_sinks.h"
#include "rz/runtime/check_selection.h"
#include "rz/runtime/opened_store.h"
#include "rz/storage/bounded_storage.h"
#include "rz/storage/read_ahead.h"
#include "rz/storage/storage.h"

namespace rz::runtime {

/// What the caller of rz decides, and a configuration cannot.
struct RuntimeOptions {
  std::string config{};          ///< The file; empty: the first that find_config() finds.
  std::string storage_url{};     ///< Outranks that of the configuration; empty: there is none.
  std::string storage_source{};  ///< Where `storage_url` came from, for messages: `--storage`.
  metrics::MetricsLog log{};     ///< Receives the lines of logging sinks.
  /// Makes a callback from a configured program; null: command_callback().
  std::function<ModeCallback(const CommandOptions&)> callback{};
  /// Whether a store that cannot be opened is tried again later: for a program that lives on. It
  /// then answers every call with the error until it is open.
  bool reopens_store = false;
};

/// The health state, as far as it could be read.
struct Observation {
  HealthState state;
  /// Why the store does not answer. The state is then what the checks alone tell, and incomplete.
  std::optional<Error> outage{};
  /// How long the store may be waited for; nothing: it was not asked.
  std::optional<storage::RunDeadline> store_until{};
};

/// How a manager is made.
struct ManagerOptions {
  MetricsSink* sink = nullptr;  ///< Must outlive it.
  /// How long all of its calls together may wait for the store, from now on; nothing:
  /// default_deadline().
  std::optional<Millis> deadline{};
  /// The manager continues after this observation: with the time that is left, and without asking a
  /// store that was found to be away again.
  const Observation* after = nullptr;
  /// The mode and the votes will be asked for: they are read in one trip.
  bool reads_votes = false;
};

/// What reconcile() does: `waiting` writes decisions that are waiting for the store; `all`
/// also asks the store whether it has lost its memory, even if nothing is waiting.
enum class Reconcile { waiting, all };

/// Everything that is made from a configuration; a program, or a server, works with one of these.
/// Configuration and store are opened when they are first asked for, so that a caller pays only for
/// what it needs. What a person should know goes to `notices`, which must outlive this, as must the
/// clock. For one thread.
///
/// What is made here refers to this object, and must be destroyed before it.
class Runtime {
 public:
  Runtime(RuntimeOptions options, Notices& notices, Clock& clock = SystemClock::instance());

  const RuntimeOptions& options() const { return options_; }
  Notices& notices() { return notices_; }
  Clock& clock() { return clock_; }

  /// The configuration. Its notices are passed on, once.
  /// Errors: config.
  Result<const config::Config*> config();

  /// Of the store that the options or the configuration name; an empty URL stands for the default.
  /// Errors: config.
  Result<StorageOptions> storage_options();

  /// The store that the options, the configuration or the default name. One that cannot be opened
  /// now answers every call with the error.
  /// Errors: config, invalid_argument (a wrong URL).
  Result<Storage*> storage();

  /// Whether `path` names a file that this writes or reads without being told its name, so that a
  /// command must not write to it: the configuration, a store that is a file, with what SQLite has
  /// beside it, or what this host keeps of stores. It need not exist yet.
  bool owns_file(const std::string& path);

  /// For a command that only reads: a store that is a file which does not exist is not made, but
  /// read as an empty one, and a note says so. Unless this host knows anything of it, which
  /// reconcile() would put back. To be called before anything that opens the store.
  void read_absent_store_as_empty() { absent_store_ = AbsentStore::read_as_empty; }
  /// The same for a command that says what it would do, and never reconciles: whatever waits.
  void never_create_store() { absent_store_ = AbsentStore::never_create; }

  /// From now on as RuntimeOptions::reopens_store: for a command that lives on.
  void reopen_store_later() { options_.reopens_store = true; }

  /// Whose mode and history all that follows is about, in place of `fallback.scope`.
  /// Errors: invalid_argument for a name that no scope can have.
  Result<void> use_scope(const std::string& scope);

  /// The name of that scope, empty for the whole system. To be asked once config() has answered.
  const std::string& scope() const;

  /// The store as the mode and the history of the scope are in it.
  /// Errors: as storage().
  Result<Storage*> storage_of_mode();

  /// The same store, for a caller that wants to keep something.
  /// Errors: also invalid_argument for `memory:`, which is gone when the process ends.
  Result<Storage*> lasting_storage();

  /// How long a decision may wait for the store if nobody says otherwise: 10s, or twice the
  /// configured `storage.timeout` if that is longer.
  Result<Millis> default_deadline();

  /// The sink of `health.metrics`. One that is unavailable is left out, with a warning.
  Result<std::unique_ptr<MetricsSink>> sinks();

  /// A monitor with the checks that `selection` selects, and those that they depend on. `timeout`:
  /// of the whole run; nothing: the configuration's. `sink` must outlive it.
  /// Errors: config; invalid_argument for a name that no check has, with the nearest name, and for
  /// a wrong storage URL.
  Result<std::unique_ptr<HealthMonitor>> monitor(const CheckSelection& selection = {},
                                                 std::optional<Millis> timeout = std::nullopt,
                                                 MetricsSink* sink = nullptr);

  /// Runs all checks and reads what is stored. `deadline` (nothing: default_deadline()) bounds how
  /// long the store is waited for in all: while it is opened, by the checks and after them. What
  /// else the checks take does not count, as they have their own timeouts. Those that ask the store
  /// keep to a `deadline` that is given, too.
  /// While the store is away, the state is that of the checks alone: an outage is no reason not to
  /// decide (see FallbackManager). A caller that needs the whole state finds the outage in the
  /// observation. Sets `threads_abandoned`.
  /// Errors: config, and errors of the store other than an outage.
  Result<Observation> observe(MetricsSink* sink = nullptr,
                              std::optional<Millis> deadline = std::nullopt);

  /// A manager on the store, with policy and callbacks of the configuration. All of its calls
  /// together wait for the store for a bounded time, and no longer once it was found to be away.
  Result<std::unique_ptr<FallbackManager>> manager(const ManagerOptions& options = {});

  /// The detectors of the configuration. Errors: config.
  Result<fallback::AnomalyDetection> detection();

  /// The configured actions, with their definitions in the store. Asked for after a manager, they
  /// have what is left of its time. Errors: config, and those of the store.
  Result<std::unique_ptr<fallback::FallbackActions>> actions();

  /// Writes what was decided while the store was away into it, if anything is waiting, and reports
  /// that. Returns whether the history has all that this host knows of: it has not while the store
  /// is away, or has lost its memory, or a part of the spool cannot be read.
  /// Errors: config.
  Result<bool> reconcile(Reconcile what);

  /// Whether a thread was left behind (a check stuck in the kernel). It may still use whatever this
  /// refers to, so a program must then end without destroying anything.
  bool threads_abandoned = false;

 private:
  bool knows_of_store() const;
  Result<Storage*> storage_within(std::optional<Millis> most);
  Result<storage::BoundedStorage*> bound_storage(
      const std::optional<storage::RunDeadline>& deadline);
  Result<std::unique_ptr<HealthMonitor>> monitor_on(const Result<Storage*>& storage,
                                                    const CheckSelection& selection,
                                                    const HealthOptions& options,
                                                    MetricsSink* sink);
  void hold_back(CheckReport& report, const Result<Storage*>& storage);
  void keep_for_abandoned();
  ModeCallback in_this_run(ModeCallback callback);
  Result<storage::RunDeadline> deadline_from_now(std::optional<Millis> deadline);
  std::shared_ptr<fallback::Spool> spool_of_mode() const;
  ReadSet decision_read_set() const;

  RuntimeOptions options_;
  Notices& notices_;
  Clock& clock_;
  std::unique_ptr<config::Config> config_;
  std::unique_ptr<storage::ReadAhead> storage_;
  std::optional<Error> open_error_;  ///< The outage that opening `storage_` met, for good.
  std::unique_ptr<storage::BoundedStorage> bounded_;  ///< Of the last call of bound_storage().
  std::optional<std::string> scope_;                  ///< Of use_scope().
  std::unique_ptr<fallback::ScopedStorage> unbounded_mode_;  ///< Of storage_of_mode().
  std::unique_ptr<fallback::ScopedStorage> bounded_mode_;  ///< Of the last manager; on `bounded_`.
  /// Those that checks may still use which have not returned.
  std::vector<std::unique_ptr<storage::BoundedStorage>> of_abandoned_;
  AbsentStore absent_store_ = AbsentStore::create;
  std::string storage_identity_;  ///< As store_identity().
};

}  // namespace rz::runtime
