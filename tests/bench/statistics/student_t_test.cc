#include "rz/bench/statistics/student_t.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

// Fisher and Yates 1963, table III: the t of 10, 1 and 120 degrees of freedom.
TEST_CASE("quantiles are those of the table") {
  CHECK(t_quantile(0.95, 10) == doctest::Approx(2.228).epsilon(0.0005));
  CHECK(t_quantile(0.95, 1) == doctest::Approx(12.706).epsilon(0.0005));
  CHECK(t_quantile(0.99, 120) == doctest::Approx(2.617).epsilon(0.0005));
  CHECK(two_sided_p(2.228138852, 10) == doctest::Approx(0.05).epsilon(1e-6));
  CHECK(two_sided_p(0, 5) == doctest::Approx(1));
}

TEST_CASE(
    "with one degree of freedom it is the Cauchy distribution, with two it has a closed form") {
  for (const double t : {0.1, 0.7, 1.0, 2.5, 9.0, 300.0}) {
    CHECK(two_sided_p(t, 1) ==
          doctest::Approx(1 - 2 / std::acos(-1.0) * std::atan(t)).epsilon(1e-9));
    CHECK(two_sided_p(t, 2) == doctest::Approx(1 - t / std::sqrt(2 + t * t)).epsilon(1e-9));
    CHECK(two_sided_p(-t, 2) == doctest::Approx(two_sided_p(t, 2)));
  }
}

// Student's sleep data, the example of R's t.test: t = -1.8608, df = 17.776, p = 0.07939.
TEST_CASE("the sleep of Student's patients") {
  const std::vector<double> first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  const std::vector<double> second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const WelchTest test = welch(moments_of(first), moments_of(second));
  CHECK(test.t == doctest::Approx(1.8608).epsilon(0.0001));
  CHECK(test.freedom == doctest::Approx(17.776).epsilon(0.0001));
  CHECK(test.p == doctest::Approx(0.07939).epsilon(0.00001));
}

TEST_CASE("sets that do not vary differ for certain, or not at all") {
  CHECK(welch({2, 0, 5}, {2, 0, 5}).p == 1);
  CHECK(welch({2, 0, 5}, {3, 0, 5}).p == 0);
}

// Borenstein et al., Introduction to Meta-Analysis (2009), chapter 4: d = 0.5970, g = 0.5924.
TEST_CASE("the effect size of a worked example") {
  CHECK(hedges_g({100, 4.5, 50}, {103, 5.5, 50}) == doctest::Approx(0.5924).epsilon(0.0001));
  CHECK(hedges_g({103, 5.5, 50}, {100, 4.5, 50}) == doctest::Approx(-0.5924).epsilon(0.0001));
  CHECK(hedges_g({1, 0, 5}, {2, 0, 5}) == 0);
}

}  // namespace
}  // namespace rz::bench
