#pragma once

#include <memory>
#include <optional>

#include "rz/health/check_runner.h"
#include "rz/health/unchecked.h"
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

/// How long a run of at most `whole` whose checks took `checks` may still wait for what no check
/// shows: until it ends, and never longer than a second.
Millis patience_after(Millis whole, Millis checks);

/// Runs the same checks again and again, as a server does for months. They are those that a
/// selection selects, as Runtime::monitor() makes them.
///
/// What no check shows is read while they run, on a thread of its own, and waited for as
/// patience_after() says: a store that hangs must not hold up a report. There is one such thread at
/// most: while that of an earlier run is still at the store, it is not asked again. For one thread;
/// refers to the Runtime.
class CheckSeries {
 public:
  /// `timeout`: of each run; nothing: the configuration's. `sink` must outlive it.
  /// Errors: those of Runtime::monitor().
  static Result<CheckSeries> make(Runtime& runtime, CheckSelection selection = {},
                                  std::optional<Millis> timeout = std::nullopt,
                                  MetricsSink* sink = nullptr);

  CheckSeries(CheckSeries&&) noexcept;
  CheckSeries& operator=(CheckSeries&&) noexcept;
  ~CheckSeries();

  /// Runs the checks once. Why what no check shows is missing goes to the notices, too, unless the
  /// checks found the store away and say so themselves. Sets Runtime::threads_abandoned.
  /// Errors: those of HealthMonitor::run_checks().
  Result<CheckRun> run();

 private:
  class UncheckedListing;
  CheckSeries(Runtime& runtime, const CheckSelection& selection, Millis timeout,
              std::unique_ptr<HealthMonitor> monitor);
  void add_unchecked(Millis patience, CheckRun& run);

  Runtime* runtime_;
  Millis timeout_;
  std::unique_ptr<HealthMonitor> monitor_;
  std::unique_ptr<UncheckedListing> listing_;  ///< Null: some checks were selected.
};

/// One run of a series that ends with it.
/// Errors: those of CheckSeries::make() and CheckSeries::run().
Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection = {},
                                     std::optional<Millis> timeout = std::nullopt,
                                     MetricsSink* sink = nullptr);

}  // namespace rz::runtime
