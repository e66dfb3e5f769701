#include "rz/bench/statistics/holm.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace rz::bench {
namespace {

using Numbers = std::vector<double>;

void check_near(const Numbers& adjusted, const Numbers& expected) {
  REQUIRE(adjusted.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(adjusted[i] == doctest::Approx(expected[i]));
  }
}

// The example of the article on the method in Wikipedia; R: p.adjust(c(.01, .04, .03, .005),
// "holm").
TEST_CASE("four tests") {
  check_near(holm(Numbers{0.01, 0.04, 0.03, 0.005}), {0.03, 0.06, 0.06, 0.02});
}

TEST_CASE("one test, no test, and p that are 1") {
  check_near(holm(Numbers{0.04}), {0.04});
  CHECK(holm({}).empty());
  check_near(holm(Numbers{1, 0.9}), {1, 1});
}

TEST_CASE("what is rejected is what stepping down by the definition rejects") {
  CHECK(rc::check([] {
    const auto thousandths =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1001)));
    Numbers p;
    for (const int one : thousandths) p.push_back(one / 1000.0);
    const Numbers adjusted = holm(p);
    // The least p is compared with alpha / m, the next with alpha / (m - 1), until one is greater.
    Numbers sorted = p;
    std::sort(sorted.begin(), sorted.end());
    double last_rejected = -1;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] * static_cast<double>(sorted.size() - i) > 0.05) break;
      last_rejected = sorted[i];
    }
    for (std::size_t i = 0; i < p.size(); ++i) {
      RC_ASSERT((adjusted[i] <= 0.05) == (p[i] <= last_rejected));
    }
  }));
}

}  // namespace
}  // namespace rz::bench
