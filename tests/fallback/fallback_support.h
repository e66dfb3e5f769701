#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"

namespace rz::fallback {

/// So many seconds after the time at which a ManualClock starts, 2023-11-14T22:13:20Z.
inline TimePoint at(std::int64_t seconds) {
  return TimePoint{std::chrono::seconds{1'700'000'000 + seconds}};
}

/// A state in which so many components have failed.
inline HealthState failed(std::int64_t components) {
  HealthState state;
  state.system.failed_components = components;
  return state;
}

/// A state with the circuit breaker open for so long.
inline HealthState circuit_open(double seconds) {
  HealthState state;
  state.circuit_breaker.state = "OPEN";
  state.circuit_breaker.open_duration_seconds = seconds;
  return state;
}

inline const HealthState kHealthy;

/// The mode that a manager knows, whatever its doubts.
inline Mode mode_in(const FallbackManager& manager) { return ok(manager.peek()).after.mode; }

/// How long a log keeps what happened.
inline constexpr Millis kRetention{std::chrono::hours{1}};

/// A record as rz writes it.
inline Transition transition(TimePoint time, Mode from, Mode to, std::string reason,
                             std::int64_t epoch) {
  return {time, from, to, std::move(reason), "evaluation", "ops", "db1", epoch};
}

/// A store with a clock of its own, which all hosts share.
class ClockedStorage final : public storage::StorageWrapper {
 public:
  ClockedStorage(Storage& target, Clock& clock) : storage::StorageWrapper(target), clock_(clock) {}
  Result<std::optional<TimePoint>> server_time() override {
    ++asked;
    return std::optional(clock_.now());
  }

  int asked = 0;

 private:
  Clock& clock_;
};

/// Whether one of the sentences contains `words`.
inline bool has(const std::vector<std::string>& sentences, const std::string& words) {
  for (const std::string& each : sentences) {
    if (each.find(words) != std::string::npos) return true;
  }
  return false;
}

/// The bytes of a file; empty if there is none.
inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace rz::fallback
