#include "rz/bench/statistics/change_points.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

using Series = std::vector<double>;

/// So many figures about `level`, which vary by 2 %.
void add_level(Series& series, double level, int count) {
  for (int i = 0; i < count; ++i) series.push_back(level * (1 + 0.01 * (i * 7 % 5 - 2)));
}

std::vector<std::size_t> places(const Series& series) {
  std::vector<std::size_t> found;
  for (const ChangePoint& change : find_change_points(series)) found.push_back(change.index);
  return found;
}

using Places = std::vector<std::size_t>;

TEST_CASE("a step is found where it is, with its size") {
  Series series;
  add_level(series, 100, 10);
  add_level(series, 126, 8);
  const auto changes = find_change_points(series);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].index == 10);
  CHECK(changes[0].ratio == doctest::Approx(1.26).epsilon(0.02));
  CHECK(changes[0].p < 0.001);
}

TEST_CASE("several steps are found, up and down") {
  Series series;
  add_level(series, 100, 8);
  add_level(series, 150, 8);
  add_level(series, 110, 8);
  CHECK(places(series) == Places{8, 16});
}

TEST_CASE("noise is no change, and one bad run is none either") {
  Series series;
  add_level(series, 100, 30);
  CHECK(places(series).empty());
  series.push_back(200);
  CHECK(places(series).empty());
  series.push_back(200);
  CHECK(places(series).empty());
  series.push_back(200);
  CHECK(places(series) == Places{30});
}

TEST_CASE("short series have no changes, and a series that does not vary has those it has") {
  CHECK(places({}).empty());
  CHECK(places({1, 2}).empty());
  CHECK(places({1, 1, 1, 2, 2, 2}) == Places{3});
  CHECK(places(Series(20, 5.0)).empty());
}

TEST_CASE("noise is the fence of the steps between runs, those of changes apart") {
  // Steps of ln 1.02 five times over: quartiles and fence are that.
  const Series series = {100, 102, 100, 102, 100, 102};
  const auto noise = learn_noise(series, {});
  REQUIRE(noise);
  CHECK(*noise == doctest::Approx(0.02));
  const Series changed = {100, 102, 100, 200, 204, 200};
  const std::vector<ChangePoint> changes = {{.index = 3, .ratio = 2, .p = 0}};
  REQUIRE(learn_noise(changed, changes));
  CHECK(*learn_noise(changed, changes) == doctest::Approx(0.02));
  CHECK_FALSE(learn_noise(Series{1, 2, 3, 4}, {}));
}

/// The energy distance by its definition, of each split, and the first of the greatest.
std::size_t best_by_definition(const Series& series) {
  const auto mean_distance = [](const Series& a, const Series& b, double pairs) {
    double sum = 0;
    for (const double x : a) {
      for (const double y : b) sum += std::abs(std::log(x) - std::log(y));
    }
    return sum / pairs;
  };
  std::size_t best = 0;
  double greatest = 0;
  for (std::size_t split = 3; split + 3 <= series.size(); ++split) {
    const Series left(series.begin(), series.begin() + static_cast<std::ptrdiff_t>(split));
    const Series right(series.begin() + static_cast<std::ptrdiff_t>(split), series.end());
    const auto m = static_cast<double>(left.size());
    const auto n = static_cast<double>(right.size());
    const double divergence = 2 * mean_distance(left, right, m * n) -
                              mean_distance(left, left, m * (m - 1)) -
                              mean_distance(right, right, n * (n - 1));
    const double energy = divergence * m * n / (m + n);
    if (best != 0 && energy <= greatest + 1e-9) continue;
    best = split;
    greatest = energy;
  }
  return best;
}

TEST_CASE("the split of a series with one great step is that of the definition") {
  CHECK(rc::check([] {
    const int before = *rc::gen::inRange(3, 12);
    const int after = *rc::gen::inRange(3, 12);
    Series series;
    add_level(series, 100, before);
    add_level(series, 300, after);
    const auto changes = find_change_points(series);
    RC_ASSERT(changes.size() == 1U);
    RC_ASSERT(changes[0].index == best_by_definition(series));
    RC_ASSERT(changes[0].index == static_cast<std::size_t>(before));
  }));
}

}  // namespace
}  // namespace rz::bench
