#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace rz::bench {

/// How the requests of an open loop follow each other: at even distances, or as those of many
/// independent people do, with exponentially distributed distances (a Poisson process).
enum class Arrivals { constant, poisson };

/// How many requests a second an open loop sends, from its begin to its end: a ramp where they
/// differ. Both are at least 0, and one of them is above.
struct RatePlan {
  double begin = 0;
  double end = 0;
  std::chrono::nanoseconds duration{};
  Arrivals arrivals = Arrivals::constant;
  std::uint64_t seed = 1;  ///< Of the Poisson process: the same seed, the same arrivals.
};

/// The moments at which requests are due, one after the other. Knows no clock.
class ArrivalSchedule {
 public:
  explicit ArrivalSchedule(const RatePlan& plan);

  /// When the next request is due, from the begin of the plan; never before the one before.
  /// Nothing: the plan is over.
  std::optional<std::chrono::nanoseconds> next();

 private:
  RatePlan plan_;
  std::mt19937_64 random_;
  double expected_ = 0;  ///< How many requests are expected up to the next one.
};

}  // namespace rz::bench
