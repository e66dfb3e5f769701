#include "rz/bench/statistics/bootstrap.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace rz::bench {
namespace {

using Samples = std::vector<double>;

/// Numbers of a normal distribution, by the polar method (Marsaglia 1964), the same at each run.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : state_(seed * 2 + 1) {}
  double next() {
    while (true) {
      const double x = uniform() * 2 - 1;
      const double y = uniform() * 2 - 1;
      const double s = x * x + y * y;
      if (s > 0 && s < 1) return x * std::sqrt(-2 * std::log(s) / s);
    }
  }

 private:
  double uniform() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  std::uint64_t state_;
};

TEST_CASE("the ratio of what does not vary is known exactly") {
  CHECK(median_ratio_interval(Samples(9, 2.0), Samples(5, 3.0), 0.99) == Interval{1.5, 1.5});
}

TEST_CASE("the same samples have the same interval, and a lower confidence a narrower one") {
  const Samples before = {10, 11, 12, 13, 14, 15, 16, 17};
  const Samples after = {12, 14, 13, 15, 18, 16, 17, 19};
  const Interval wide = median_ratio_interval(before, after, 0.99);
  CHECK(wide == median_ratio_interval(before, after, 0.99));
  const Interval narrow = median_ratio_interval(before, after, 0.8);
  CHECK(wide.low <= narrow.low);
  CHECK(narrow.high <= wide.high);
  CHECK(narrow.contains(15.5 / 13.5));
}

TEST_CASE("scaling one side scales the interval") {
  CHECK(rc::check([](std::vector<std::uint16_t> numbers) {
    RC_PRE(!numbers.empty());
    numbers.resize(std::min<std::size_t>(numbers.size(), 8));
    Samples before;
    Samples after;
    for (const std::uint16_t number : numbers) {
      before.push_back(1.0 + number);
      after.push_back(4.0 * (1.0 + number));
    }
    const Interval same = median_ratio_interval(before, before, 0.95);
    const Interval scaled = median_ratio_interval(before, after, 0.95);
    RC_ASSERT(std::abs(scaled.low - 4 * same.low) < 1e-9 * scaled.low);
    RC_ASSERT(std::abs(scaled.high - 4 * same.high) < 1e-9 * scaled.high);
  }));
}

// What an interval promises: it holds the truth in so many of many repetitions. The seeds are
// fixed, so that this says the same each time.
TEST_CASE("an interval of 95 percent holds the true ratio in about 95 of 100 repetitions") {
  Normal normal(7);
  int held = 0;
  constexpr int kRepetitions = 60;
  for (int i = 0; i < kRepetitions; ++i) {
    Samples before;
    Samples after;
    for (int k = 0; k < 25; ++k) {
      before.push_back(100 + 5 * normal.next());
      after.push_back(130 + 5 * normal.next());
    }
    if (median_ratio_interval(before, after, 0.95).contains(1.3)) ++held;
  }
  CHECK(held >= 52);
}

TEST_CASE("samples that are like their neighbours are fewer witnesses than they seem") {
  // The same values: once in long stretches, once mixed.
  Samples stretches;
  Samples mixed;
  for (int i = 0; i < 64; ++i) {
    stretches.push_back(i / 8 % 2 == 0 ? 100 + i % 8 : 120 + i % 8);
    mixed.push_back(i % 2 == 0 ? 100 + i / 2 % 8 : 120 + i / 2 % 8);
  }
  const Samples steady(64, 100.0);
  const Interval of_stretches = median_ratio_interval(steady, stretches, 0.9);
  const Interval of_mixed = median_ratio_interval(steady, mixed, 0.9);
  CHECK(of_stretches.high - of_stretches.low > of_mixed.high - of_mixed.low);
}

}  // namespace
}  // namespace rz::bench
