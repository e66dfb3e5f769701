#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

#pragma GCC visibility push(default)
namespace rz {

/// When a circuit breaker opens and closes.
struct BreakerOptions {
  int failure_threshold = 5;        ///< Consecutive failures that open it.
  Millis recovery_timeout{60'000};  ///< How long it stays open before it is half open.
  int success_threshold = 2;        ///< Successes in a row that close it from half open.
  int probes = 1;                   ///< Calls that are allowed at a time while it is half open.
};

/// A circuit breaker at a moment.
struct BreakerState {
  enum class Phase { closed, open, half_open };

  std::string name;
  Phase phase = Phase::closed;
  std::int64_t consecutive_failures = 0;   ///< While closed.
  std::int64_t consecutive_successes = 0;  ///< While half open.
  std::int64_t failures_total = 0;
  std::int64_t successes_total = 0;
  std::int64_t trips_total = 0;  ///< How often it opened.
  TimePoint changed{};           ///< When it entered its phase.
  /// When somebody first saw that `changed`, or the time of a probe, is ahead of his clock. Only
  /// they go by it for whom it is still ahead.
  std::optional<TimePoint> first_seen{};
  /// A call that was allowed while half open and whose outcome is not known.
  struct Probe {
    std::string token;
    TimePoint since{};
  };
  std::vector<Probe> probes{};

  /// Since when it is open, seconds; 0 if it is not.
  double open_duration_seconds(TimePoint now) const;
};

/// The collection of breakers (Storage::read_collection).
inline constexpr std::string_view kBreakers = "health:breaker:";

/// `CLOSED OPEN HALF_OPEN`, the words of the old system's state.
const char* to_string(BreakerState::Phase phase);

/// Guards a dependency. After `failure_threshold` failures in a row it opens, and nobody should
/// call; after `recovery_timeout` it is half open; then `success_threshold` successes in a row
/// close it, and one failure opens it again. While it is half open, `probes` calls are allowed at a
/// time. Each of them is a claim, which ends with the outcome that the same object records, or, if
/// that is lost, after another `recovery_timeout`.
///
/// A time from the future, stored by a clock that is ahead, counts from when it was first seen,
/// which is noted beside it: no wrong clock keeps a breaker open, and one that is behind closes
/// none.
///
/// Kept at `health:breaker:<name>`, so that all processes of a store see and feed the same breaker;
/// no record of an outcome is lost to a race. As thread-safe as the store; does not own it. Errors
/// of every call: those of the store, corrupt.
class CircuitBreaker {
 public:
  CircuitBreaker(std::string name, Storage& storage, BreakerOptions options, Clock& clock);

  Result<BreakerState> record_success();
  Result<BreakerState> record_failure();

  /// Its state now: the clock alone turns open to half open. Nothing: it was never fed. Notes in
  /// the store that a time from the future was seen.
  Result<std::optional<BreakerState>> state();

  /// Whether a call should be tried now: closed, never fed, or half open with a claim left, which
  /// this call takes. Record its outcome with this object.
  Result<bool> allows_call();

  /// The current states of all breakers of a store, by name. If the record of one cannot be read,
  /// the error is added to `unreadable`.
  static Result<std::vector<BreakerState>> read_all(Storage& storage, const BreakerOptions& options,
                                                    Clock& clock, std::vector<Error>& unreadable);

  /// The names of all breakers of a store, sorted.
  static Result<std::vector<std::string>> list(Storage& storage);

  /// Removes the breaker of that name, as if it had never been fed. Returns whether it was there.
  static Result<bool> remove(Storage& storage, std::string_view name);

 private:
  Result<BreakerState> record(bool success);
  BreakerState seen_now(BreakerState stored);
  BreakerState at(TimePoint now, BreakerState state) const;
  void feed(BreakerState& state, bool success, TimePoint now) const;
  void settle_future_times();
  std::optional<std::string> take_claim();
  void keep_claim(std::string token);

  std::string name_;
  Storage& storage_;
  BreakerOptions options_;
  Clock& clock_;
  std::mutex mutex_;                 ///< Guards what follows.
  std::vector<std::string> claims_;  ///< The tokens of the probes that this object has claimed.
};

}  // namespace rz
#pragma GCC visibility pop
