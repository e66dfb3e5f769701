#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/check_options.h"
#include "rz/health/check_runner.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/health_state.h"
#include "rz/health/resources.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/storage/storage.h"

#pragma GCC visibility push(default)
namespace rz {

/// The part `health` of a configuration.
struct HealthOptions {
  Millis timeout{30'000};  ///< How long a run of all checks may take.
  int concurrency = 512;   ///< How many checks run at the same time, at most 64 with a thread each.
  Millis failure_window{std::chrono::hours{1}};
  std::vector<CheckSpec> checks;        ///< Empty: the disk of `/` and the store.
  std::vector<std::string> components;  ///< The names that may report; empty: any.
  int max_components = 10'000;          ///< How many components there may be.
  ResourceLimits resources;
  BreakerOptions breaker;
  std::vector<SinkSpec> metrics;
};

/// What bounds a run beside the options of its monitor.
struct RunBounds {
  std::optional<Millis> timeout{};  ///< In place of HealthOptions::timeout.
  std::function<bool()> stop{};     ///< As RunnerOptions::stop.
};

/// Runs the registered checks, and builds the comprehensive state (HealthState) from their results
/// and from what is stored. Thread-safe. Does not own the clock and the sink.
class HealthMonitor {
 public:
  HealthMonitor(HealthOptions options, Clock& clock, MetricsSink* sink = nullptr,
                std::function<ResourceUsage()> resources = ResourceMeter());

  /// A check of the same name is replaced.
  void register_check(std::shared_ptr<HealthCheck> check, CheckOptions options = {});
  /// Whether there was one.
  bool unregister_check(std::string_view name);

  /// What becomes of the results of a run, before anybody sees them. To be set before the first.
  void set_after_run(std::function<void(CheckReport&)> after_run) {
    after_run_ = std::move(after_run);
  }

  /// Runs all checks, and emits each result to the sink. One that was stopped is only half a run,
  /// and goes nowhere else.
  /// Errors: config (their dependencies).
  Result<CheckReport> run_checks(const RunBounds& bounds = {});

  /// The state now: runs the checks and reads the rest from `storage`. The caller fills in the
  /// section `fallback`. A record that cannot be read does not hide the others: see
  /// HealthState::unreadable.
  /// Errors: config, those of the store.
  Result<HealthState> comprehensive_state(Storage& storage);

  /// As above, from a report of an earlier run, whose checks count. A store that its checks found
  /// to be away is not asked again.
  Result<HealthState> comprehensive_state(Storage& storage, const CheckReport& report);

  /// What comprehensive_state would read from a store now, for ReadAhead.
  ReadSet read_set() const;

  /// The state while the store is away: what the report alone tells, marked as incomplete.
  Result<HealthState> state_without_store(const CheckReport& report);

  /// Calls of checks that had not returned after the last run; see CheckReport::abandoned.
  int abandoned() const;

 private:
  std::vector<RegisteredCheck> checks() const;
  Result<HealthState> read_state(Storage& storage, const CheckReport& report);
  Result<HealthState::CircuitBreaker> breaker_state(Storage& storage,
                                                    std::vector<Error>& unreadable);
  Result<double> uptime_seconds(Storage& storage);

  HealthOptions options_;
  Clock& clock_;
  MetricsSink* sink_;
  std::function<ResourceUsage()> resources_;
  std::function<void(CheckReport&)> after_run_;
  CheckRunner runner_;
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::vector<RegisteredCheck> checks_;
  int abandoned_ = 0;
};

/// The components of a system: those that reported themselves, and every check that counts, as a
/// component of its name (a component check: of its component's name). Each is counted once.
HealthState::System system_health(const std::vector<ComponentHealth>& components,
                                  const CheckReport& run);

}  // namespace rz
#pragma GCC visibility pop
