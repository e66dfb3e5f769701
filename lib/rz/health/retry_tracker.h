#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

#pragma GCC visibility push(default)
namespace rz {

/// Counts failed retries over a sliding window (an hour, as in the old system), for all processes
/// of a store.
///
/// What is stored does not depend on the window of the reader: each failure is counted in its
/// second, in `health:retry:minute:<minute>` (the counts of its seconds) and in
/// `health:retry:hour:<hour>` (the counts of its minutes). So a window of any length is one read of
/// one key for each hour, and three more. `health:retry:failures` holds the total and the newest
/// second; `health:retry:total` counts the other attempts. Seconds are kept for
/// kLongestRetryWindow. A failure counts from its second on for the length of the window, in whole
/// seconds.
///
/// Failures from the future, recorded by a clock that is ahead of the reader's, count for the
/// length of a window from when they were first seen, which is noted in `health:retry:ahead`; then
/// they are removed. As thread-safe as the store; does not own it.
class RetryTracker {
 public:
  /// `window`: from 1 second, to kLongestRetryWindow; rounded up to seconds.
  RetryTracker(Storage& storage, Clock& clock, Millis window = std::chrono::hours{1});

  /// Failures that several processes record at once are all counted.
  /// Errors: those of the store; corrupt; conflict after many lost races. If the answer to the
  /// write is lost, the failure may have been counted.
  Result<void> record_failure();
  /// Records an attempt that needed no retry; it counts among the attempts only.
  Result<void> record_success();

  /// The `retry` section of the health state: STABLE below 5 failures, ELEVATED below 20, else
  /// CRITICAL. Notes in the store that failures from the future were seen, and removes them once
  /// their time is over.
  /// Errors: those of the store, corrupt.
  Result<HealthState::Retry> state();

  /// The keys that state() of a tracker with that `window` reads within the second of `now`.
  static std::vector<std::string> keys_to_read(TimePoint now, Millis window);

 private:
  struct Reading {
    HealthState::Retry retry{};
    std::int64_t newest = 0;  ///< The second of the newest failure.
  };
  Result<Reading> read() const;

  Storage& storage_;
  Clock& clock_;
  std::int64_t window_s_;
};

/// The longest window that failures are kept for.
inline constexpr Millis kLongestRetryWindow{std::chrono::hours{24 * 30}};

}  // namespace rz
#pragma GCC visibility pop
