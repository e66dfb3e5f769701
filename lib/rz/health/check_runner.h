#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {
class CheckCalls;
}  // namespace rz::health

#pragma GCC visibility push(default)
namespace rz {

/// A check and what is to be done around it.
struct RegisteredCheck {
  std::shared_ptr<HealthCheck> check;
  CheckOptions options;  ///< `name` and `timeout` are the check's own and not looked at here.
};

struct RunnerOptions {
  Millis timeout{30'000};  ///< Of the whole run.
  /// Checks at the same time; at most 64 of them have a thread each. They are fewer where the
  /// process may have few descriptors: a quarter of its limit.
  int concurrency = 512;
  /// How many calls that do not return may hold a thread each; beyond that no check is begun.
  std::size_t max_stuck = 64;
  /// Asked some times a second, by the thread that runs the checks; once it is true, the run ends.
  std::function<bool()> stop{};
  /// How long this machine, or the container, has been running, for CheckOptions::start_period;
  /// nothing: the system is asked.
  std::optional<Micros> uptime{};
};

/// All results of one run.
struct CheckReport {
  std::vector<RegisteredCheck> checks{};  ///< Those that were run.
  std::vector<CheckResult> results{};     ///< The result of each of them, in their order.
  TimePoint timestamp{};
  double duration_ms = 0;
  /// Calls that have not returned, those of earlier runs of the same runner too. Their threads go
  /// on and may use whatever the checks refer to: a program that gets any should end without
  /// destroying that.
  int abandoned = 0;
  /// Checks that had no answer yet when the time of the run was over, or it was stopped.
  int unfinished = 0;
  bool stopped = false;  ///< By RunnerOptions::stop.
  /// Why the run says nothing of what it checked: all canaries failed for want of something on this
  /// host. Empty: it does.
  std::string void_because{};
  /// Why rz's store did not answer, if a check found it away: who asks it next would wait as long.
  std::optional<Error> store_outage{};

  /// The worst of those that count; unknown if none does, or the run is void.
  HealthStatus status() const;
};

/// Errors: config, if a check depends on one that is not there, or on itself, also through others.
Result<void> validate_dependencies(const std::vector<RegisteredCheck>& checks);

/// Runs the checks side by side, each under its own deadline. Those that only wait for the network
/// (HealthCheck::shares_thread) share one thread, which runs an event loop; each other one has a
/// thread of its own. So none holds up the others, not even one that is stuck in the kernel: it is
/// answered for ("no answer within 5s"; unhealthy, or unknown where a messenger was silent, see
/// check_failure.h) and its thread left behind. Each try has that long, from when it has its turn;
/// one that does not return is the last. Those that share a thread are not blamed for the time of
/// another: a timeout, or a limit of latency, that may be due to it is unknown, and if one blocks
/// the thread for good, those beside it are unknown and the run ends in time. A check starts when
/// all that it depends on are done; if one of them is unhealthy it is skipped (unknown, naming the
/// parent); a check whose `run_if` is false is skipped, too. Once a check has found rz's store
/// away, those that would ask it and have not begun are answered for at once. What is not done when
/// the whole run's time is over is unknown. A check that combines others (CheckOptions::combines)
/// is given their results once they are there. Retries, `invert` and `severity` are applied here; a
/// good answer that took a retry says so in its metadata: `flaky: true`. What does not count says
/// why (CheckResult::uncounted). Dependencies must be valid (validate_dependencies).
///
/// A runner may live as long as the process, and run what a server checks for months. A check is
/// never called twice at once: while a call of an earlier run has not returned, the check is
/// answered for at once ("an earlier call has not returned for 3m 5s"). So each check holds one
/// thread at most, and RunnerOptions::max_stuck bounds all of them, also where checks are replaced.
/// A thread exists for a call, or the loop of a run, alone; nothing is kept from run to run but
/// which calls are out. Thread-safe; a second run waits for the first, which ends by its deadline.
class CheckRunner {
 public:
  explicit CheckRunner(Clock& clock);
  ~CheckRunner();
  CheckRunner(const CheckRunner&) = delete;
  CheckRunner& operator=(const CheckRunner&) = delete;

  CheckReport run(const std::vector<RegisteredCheck>& checks, const RunnerOptions& options);

 private:
  Clock& clock_;
  std::mutex running_;
  std::shared_ptr<health::CheckCalls> calls_;  ///< Shared with the threads that make them.
};

/// One run of a runner that lives no longer.
CheckReport run_checks_once(const std::vector<RegisteredCheck>& checks,
                            const RunnerOptions& options, Clock& clock);

}  // namespace rz
#pragma GCC visibility pop
