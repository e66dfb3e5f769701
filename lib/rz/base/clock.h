#pragma once

#include <chrono>
#include <mutex>

#pragma GCC visibility push(default)
namespace rz {

using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;

/// A point in UTC to the microsecond: the resolution of every timestamp that rz stores.
using TimePoint = std::chrono::sys_time<Micros>;

/// The source of time, so that a test can move it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  /// UTC; may jump when the machine's clock is set.
  virtual TimePoint now() const = 0;

  /// Never runs backwards; only differences mean anything. For deadlines and latencies.
  virtual std::chrono::nanoseconds monotonic() const = 0;

  /// Returns after `duration` of this clock.
  virtual void sleep_for(Micros duration) = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  std::chrono::nanoseconds monotonic() const override;
  void sleep_for(Micros duration) override;

  /// One shared instance; it has no state, and outlives every thread.
  static SystemClock& instance();
};

/// A clock that stands still until it is moved. `sleep_for` moves it and returns at once.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint{std::chrono::seconds{1'700'000'000}})
      : now_(start) {}

  TimePoint now() const override;
  std::chrono::nanoseconds monotonic() const override;
  void sleep_for(Micros duration) override { advance(duration); }

  /// Moves both faces of the clock forward.
  void advance(Micros duration);

  /// Sets UTC alone, as an administrator or NTP would; may go backwards.
  void set_now(TimePoint now);

 private:
  mutable std::mutex mutex_;
  TimePoint now_;
  std::chrono::nanoseconds monotonic_{0};
};

/// The moment of the machine's own clock by which a call must have returned.
using Deadline = std::chrono::steady_clock::time_point;

}  // namespace rz
#pragma GCC visibility pop
