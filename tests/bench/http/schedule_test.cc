#include "rz/bench/http/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::vector<nanoseconds> arrivals_of(const RatePlan& plan) {
  ArrivalSchedule schedule(plan);
  std::vector<nanoseconds> all;
  while (const auto next = schedule.next()) {
    if (!all.empty()) REQUIRE(*next >= all.back());
    all.push_back(*next);
  }
  return all;
}

std::size_t count_before(const std::vector<nanoseconds>& arrivals, nanoseconds end) {
  std::size_t count = 0;
  while (count < arrivals.size() && arrivals[count] < end) ++count;
  return count;
}

TEST_CASE("a constant rate has even distances, from the first moment on") {
  const auto arrivals = arrivals_of({100, 100, seconds{2}});
  REQUIRE(arrivals.size() == 200);
  CHECK(arrivals[0] == nanoseconds{0});
  CHECK(arrivals[1] == milliseconds{10});
  CHECK(arrivals[199] == milliseconds{1990});
}

TEST_CASE("a ramp has as many requests as the area below it, up and down") {
  // From 0 to 200 in 10 s: 1000 in all, a quarter of them in the first half.
  const auto up = arrivals_of({0, 200, seconds{10}});
  CHECK(up.size() == 1000);
  CHECK(count_before(up, seconds{5}) == 250);
  const auto down = arrivals_of({200, 0, seconds{10}});
  CHECK(down.size() == 1000);
  CHECK(count_before(down, seconds{5}) == 750);
  const auto between = arrivals_of({100, 300, seconds{10}});
  CHECK(between.size() == 2000);
  CHECK(count_before(between, seconds{5}) == 750);
}

TEST_CASE("a Poisson process keeps its rate, and its distances are exponential") {
  const auto arrivals = arrivals_of({1000, 1000, seconds{20}, Arrivals::poisson, 7});
  // 20,000 are expected, with a standard deviation of 141.
  CHECK(arrivals.size() > 19'300);
  CHECK(arrivals.size() < 20'700);
  double squares = 0;
  std::size_t long_ones = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    const double gap =
        std::chrono::duration<double, std::milli>(arrivals[i] - arrivals[i - 1]).count();
    squares += gap * gap;
    if (gap > 1) ++long_ones;
  }
  // The mean square of an exponential distribution is twice the square of its mean, and e⁻¹ of it
  // are longer than that.
  const auto n = static_cast<double>(arrivals.size());
  CHECK(squares / n == doctest::Approx(2).epsilon(0.1));
  CHECK(static_cast<double>(long_ones) / n == doctest::Approx(std::exp(-1)).epsilon(0.05));
}

TEST_CASE("the same seed has the same arrivals, another one has others") {
  const RatePlan plan{100, 100, seconds{5}, Arrivals::poisson, 3};
  RatePlan other = plan;
  other.seed = 4;
  CHECK(arrivals_of(plan) == arrivals_of(plan));
  CHECK(arrivals_of(plan) != arrivals_of(other));
}

TEST_CASE("a plan of no time has no requests") {
  CHECK(arrivals_of({100, 100, seconds{0}}).empty());
}

}  // namespace
}  // namespace rz::bench
