#include "rz/base/clock.h"

#include "rz/base/waiter.h"

namespace rz {

TimePoint SystemClock::now() const {
  return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::monotonic() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}

void SystemClock::sleep_for(Micros duration) {
  current_waiter().wait({}, std::chrono::steady_clock::now() + duration);
}

SystemClock& SystemClock::instance() {
  // Never destroyed, because the thread of a check that is stuck may still read the clock while the
  // process ends.
  static SystemClock& clock = *new SystemClock;
  return clock;
}

TimePoint ManualClock::now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

std::chrono::nanoseconds ManualClock::monotonic() const {
  std::lock_guard lock(mutex_);
  return monotonic_;
}

void ManualClock::advance(Micros duration) {
  std::lock_guard lock(mutex_);
  now_ += duration;
  monotonic_ += duration;
}

void ManualClock::set_now(TimePoint now) {
  std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace rz
