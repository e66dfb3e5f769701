#pragma once

#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "rz/health/check_runner.h"
#include "rz/health/judging/unchecked.h"
#include "rz/runtime/runtime.h"

namespace rz::runtime {

/// What a run of checks found.
struct CheckRun {
  CheckReport report{};
  /// What counts when the mode is decided, although no check shows it. Nothing: some checks were
  /// selected, and whoever asks for some wants to hear of nothing else; or the store did not tell.
  std::optional<health::Unchecked> unchecked{};
  /// Why the store did not tell: what counts is then unknown, and so the report is no yes. Nothing,
  /// too, if the result of a check says so already.
  std::optional<Error> unchecked_error{};
};

/// How long a run that has `left` of its time once its checks are done waits for the store to tell
/// what no check shows: never longer than a second.
Millis patience_after(Millis left);

/// The checks of a selection, to be run again and again. Checks and runner stay, so that one that
/// does not return holds one thread, however often the others are run. Refers to the runtime, which
/// tries a store that could not be opened again where it is told to. For one thread.
class SelectedChecks {
 public:
  /// `timeout`: of a run; nothing: the configuration's. `sink` must outlive this.
  /// Errors: those of Runtime::monitor().
  static Result<SelectedChecks> make(Runtime& runtime, CheckSelection selection = {},
                                     std::optional<Millis> timeout = std::nullopt,
                                     MetricsSink* sink = nullptr);

  /// Runs them. What no check shows is read while they run, on a thread of its own, and waited for
  /// as patience_after() says: a store that hangs must not hold up a report. What the store has
  /// told, however much, is waited for until the run ends; a run that was stopped waits for
  /// nothing. Why it is missing goes to the notices, too, unless the checks found the store away
  /// and say so themselves. Sets `threads_abandoned`. Errors: those of HealthMonitor::run_checks().
  Result<CheckRun> run(const RunBounds& bounds = {});

 private:
  SelectedChecks(Runtime& runtime, CheckSelection selection, std::optional<Millis> timeout,
                 std::unique_ptr<HealthMonitor> monitor)
      : runtime_(&runtime),
        selection_(std::move(selection)),
        timeout_(timeout),
        monitor_(std::move(monitor)) {}
  bool listing_is_out() const;

  Runtime* runtime_;
  CheckSelection selection_;
  std::optional<Millis> timeout_;
  std::unique_ptr<HealthMonitor> monitor_;
  /// What an earlier run asked the store, and did not wait for any longer.
  std::future<Result<health::Unchecked>> late_;
};

}  // namespace rz::runtime
