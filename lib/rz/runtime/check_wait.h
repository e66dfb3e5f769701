#pragma once

#include <functional>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_monitor.h"
#include "rz/runtime/check_run.h"

namespace rz::runtime {

/// One run of the checks within the bounds, as SelectedChecks::run().
using RunOnce = std::function<Result<CheckRun>(const RunBounds& bounds)>;

/// How long checks are waited for, and by what.
struct WaitOptions {
  Millis within{0};       ///< All of it, the runs too.
  Millis run_timeout{0};  ///< Of one run.
  /// Whether this is what is waited for.
  std::function<bool(const CheckRun& run)> is_good{};
  /// Is told of each run that is not, and that is followed by another.
  std::function<void(const CheckRun& run)> tell{};
  std::function<bool()> stop{};  ///< As RunnerOptions::stop; ends the pauses, too.
};

/// Runs all checks again until a run is good, or the time is over, and returns the last run. Each
/// is of all checks: a gate wants a yes of all of them at one time, and what was good a minute ago
/// may no longer be. In between it pauses, from 100 ms to 5 s, with jitter. A run that was stopped,
/// or cut off since the time was over, counts only if none before it was whole: what that found
/// says more.
/// Errors: those of a run, at once.
Result<CheckRun> wait_for_checks(const RunOnce& run, const WaitOptions& options, Clock& clock);

/// Sleeps so long, or until `stop`.
void sleep_unless(const std::function<bool()>& stop, Micros duration, Clock& clock);

}  // namespace rz::runtime
