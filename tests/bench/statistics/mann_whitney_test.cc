#include "rz/bench/statistics/mann_whitney.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace rz::bench {
namespace {

using Samples = std::vector<double>;

/// To the four decimals that tables have.
double rounded(double p) { return std::round(p * 10'000) / 10'000; }

// The example of R's wilcox.test: permeability constants of the human chorioamnion (Hollander and
// Wolfe 1973, p. 69), W = 35; one-sided p 0.1272.
TEST_CASE("the permeability of the chorioamnion") {
  const Samples term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const Samples early = {1.15, 0.88, 0.90, 0.74, 1.21};
  const UTest test = mann_whitney(term, early);
  CHECK(test.exact);
  CHECK(test.u == 35);
  CHECK(rounded(test.p / 2) == 0.1272);
}

// The example of SciPy's mannwhitneyu: age at the diagnosis of diabetes, U = 17, p = 1/9.
TEST_CASE("the age of diabetics") {
  const Samples males = {19, 22, 16, 29, 24};
  const Samples females = {20, 11, 17, 12};
  const UTest test = mann_whitney(males, females);
  CHECK(test.u == 17);
  CHECK(test.p == doctest::Approx(0.1111111111111111));
  const UTest turned = mann_whitney(females, males);
  CHECK(turned.u == 3);
  CHECK(turned.p == doctest::Approx(test.p));
}

// benchstat's documentation: with 4, 5 and 6 samples on each side no p is below 0.0286, 0.0079,
// 0.0022.
TEST_CASE("few samples cannot say much") {
  CHECK(rounded(smallest_p(4, 4)) == 0.0286);
  CHECK(rounded(smallest_p(5, 5)) == 0.0079);
  CHECK(rounded(smallest_p(6, 6)) == 0.0022);
  CHECK(smallest_p(1, 1) == 1);
  CHECK(samples_needed(0.05) == 4);
  CHECK(samples_needed(0.05 / 40) == 7);
  const Samples low = {1, 2, 3, 4};
  const Samples high = {5, 6, 7, 8};
  CHECK(mann_whitney(low, high).p == doctest::Approx(smallest_p(4, 4)));
  CHECK(mann_whitney(low, {}).p == 1);
}

TEST_CASE("sets that are all ties are not told apart, by either way") {
  CHECK(mann_whitney(Samples(5, 1.0), Samples(7, 1.0)).p == doctest::Approx(1));
  CHECK(mann_whitney(Samples(50, 1.0), Samples(50, 1.0)).p == 1);
}

/// Every way to divide the samples, one by one: what the exact test computes by counting.
double p_by_enumeration(const Samples& a, const Samples& b) {
  Samples all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto u_of = [&](unsigned chosen) {
    double u = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((chosen >> i & 1U) == 0) continue;
      for (std::size_t j = 0; j < all.size(); ++j) {
        if ((chosen >> j & 1U) != 0) continue;
        u += all[i] > all[j] ? 1 : all[i] == all[j] ? 0.5 : 0;
      }
    }
    return u;
  };
  const double mean = static_cast<double>(a.size() * b.size()) / 2;
  const double distance = std::abs(u_of((1U << a.size()) - 1) - mean);
  double ways = 0;
  double as_far = 0;
  for (unsigned chosen = 0; chosen < 1U << all.size(); ++chosen) {
    if (static_cast<std::size_t>(__builtin_popcount(chosen)) != a.size()) continue;
    ++ways;
    if (std::abs(u_of(chosen) - mean) >= distance) ++as_far;
  }
  return as_far / ways;
}

TEST_CASE("the exact test is what dividing the samples in all ways gives, ties included") {
  CHECK(rc::check([] {
    const auto digits = rc::gen::inRange(0, 6);
    const auto a =
        *rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(digits)));
    const auto b =
        *rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(digits)));
    const Samples first(a.begin(), a.end());
    const Samples second(b.begin(), b.end());
    RC_ASSERT(std::abs(mann_whitney(first, second).p - p_by_enumeration(first, second)) < 1e-9);
  }));
}

TEST_CASE(
    "many samples are judged by the normal distribution, which agrees where both can be had") {
  Samples a;
  Samples b;
  for (int i = 0; i < 32; ++i) {
    a.push_back(i * 1.0);
    b.push_back(i * 1.0 + 6.5);
  }
  const UTest exact = mann_whitney(a, b);
  REQUIRE(exact.exact);
  // One sample of each more, in the middle of both.
  a.push_back(18.1);
  b.push_back(18.2);
  const UTest normal = mann_whitney(a, b);
  REQUIRE_FALSE(normal.exact);
  CHECK(exact.p < 0.02);
  CHECK(normal.p > exact.p * 0.7);
  CHECK(normal.p < exact.p * 1.3);
}

}  // namespace
}  // namespace rz::bench
