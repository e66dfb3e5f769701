#include "rz/runtime/check_wait.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "rz/health/check_attempts.h"

namespace rz::runtime {
namespace {

constexpr Millis kFirstPause{100};
constexpr Millis kLongestPause{5'000};
// A signal is noticed within that time.
constexpr Micros kSlice = Millis{50};

// Towards the end the pauses get shorter, so that what becomes good at the last moment is seen.
Millis pause_after(int runs, Millis left) {
  const Millis pause = health::retry_pause(kFirstPause, runs, kLongestPause);
  return std::min(pause, std::max(kFirstPause, left / 2));
}

// Whether there was no time to wait for all of it.
bool is_cut_off(const CheckRun& run) {
  const bool untold = run.unchecked_error && run.unchecked_error->code == ErrorCode::timeout;
  return run.report.unfinished > 0 || untold;
}

}  // namespace

void sleep_unless(const std::function<bool()>& stop, Micros duration, Clock& clock) {
  const auto end = clock.monotonic() + duration;
  while (!(stop && stop())) {
    const auto left = std::chrono::ceil<Micros>(end - clock.monotonic());
    if (left <= Micros::zero()) return;
    clock.sleep_for(std::min(left, kSlice));
  }
}

Result<CheckRun> wait_for_checks(const RunOnce& run, const WaitOptions& options, Clock& clock) {
  const auto end = clock.monotonic() + options.within;
  const auto left = [&] { return std::chrono::floor<Millis>(end - clock.monotonic()); };
  std::optional<CheckRun> last;
  Millis time = options.within;
  for (int runs = 1;; ++runs) {
    const Millis timeout = std::min(options.run_timeout, time);
    auto found = run({timeout, options.stop});
    if (!found) return found;
    const bool whole = !is_cut_off(*found) || timeout == options.run_timeout;
    const bool stopped = found->report.stopped;
    if (!stopped && options.is_good(*found)) return found;
    if (!last || (whole && !stopped)) last = *std::move(found);
    time = left();
    if (stopped || time < kFirstPause) return *std::move(last);
    if (options.tell) options.tell(*last);
    sleep_unless(options.stop, pause_after(runs, time), clock);
    time = left();
    const bool told_to_stop = options.stop && options.stop();
    if (told_to_stop || time <= Millis::zero()) return *std::move(last);
  }
}

}  // namespace rz::runtime
