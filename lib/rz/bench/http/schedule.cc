#include "rz/bench/http/schedule.h"

#include <cmath>

namespace rz::bench {
namespace {

using Seconds = std::chrono::duration<double>;

// The rate r(t) = begin + (end - begin) t / duration expects begin t + slope t² requests up to t.
// This is when it expects `expected`, in the form of the quadratic's root that also holds for a
// slope of 0. Nothing where a falling ramp never expects so many.
std::optional<double> moment_of(double expected, double begin, double slope) {
  const double root = begin * begin + 4 * slope * expected;
  if (root < 0) return std::nullopt;
  if (expected == 0) return 0;
  return 2 * expected / (begin + std::sqrt(root));
}

}  // namespace

ArrivalSchedule::ArrivalSchedule(const RatePlan& plan) : plan_(plan), random_(plan.seed) {
  if (plan.arrivals == Arrivals::poisson) {
    expected_ = std::exponential_distribution<double>(1)(random_);
  }
}

std::optional<std::chrono::nanoseconds> ArrivalSchedule::next() {
  const double duration = Seconds(plan_.duration).count();
  if (duration <= 0) return std::nullopt;
  const double slope = (plan_.end - plan_.begin) / (2 * duration);
  const auto moment = moment_of(expected_, plan_.begin, slope);
  if (!moment || *moment >= duration) return std::nullopt;
  expected_ +=
      plan_.arrivals == Arrivals::constant ? 1 : std::exponential_distribution<double>(1)(random_);
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*moment * 1e9)};
}

}  // namespace rz::bench
