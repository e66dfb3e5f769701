#pragma once

#include <cstdint>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

namespace rz {

/// Counts failed retries over a sliding window (an hour, as in the notes), for all processes of a
/// store.
///
/// The window is 60 buckets at `health:retry:<window seconds>:<bucket number>`, each an expiring
/// counter: recording is one increment and counting one read, however many failures there are. A
/// failure is counted for at least the window less one bucket, and at most the window.
/// `health:retry:total` counts all attempts. As thread-safe as the store; does not own it.
class RetryTracker {
 public:
  /// `window`: at least a minute; shorter counts as a minute.
  RetryTracker(Storage& storage, Clock& clock, Millis window = std::chrono::hours{1});

  /// Errors: those of the store.
  Result<void> record_failure();
  /// An attempt that needed no further one; it counts among the attempts only.
  Result<void> record_success();

  /// The `retry` section of the health state: STABLE below 5 failures, ELEVATED below 20, else
  /// CRITICAL. Errors: those of the store, corrupt.
  Result<HealthState::Retry> state() const;

 private:
  std::int64_t bucket_now() const;
  std::string key_of(std::int64_t bucket) const;

  Storage& storage_;
  Clock& clock_;
  Millis window_;
};

}  // namespace rz
