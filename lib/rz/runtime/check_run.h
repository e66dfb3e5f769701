#pragma once

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

/// Runs the checks that `selection` selects, as Runtime::monitor() makes them. What no check shows
/// is read while they run, on a thread of its own, and waited for as patience_after() says: a store
/// that hangs must not hold up a report. Why it is missing goes to the notices, too, unless the
/// checks found the store away and say so themselves. Sets `threads_abandoned`. Errors: those of
/// Runtime::monitor() and HealthMonitor::run_checks().
Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection = {},
                                     std::optional<Millis> timeout = std::nullopt,
                                     MetricsSink* sink = nullptr);

}  // namespace rz::runtime
