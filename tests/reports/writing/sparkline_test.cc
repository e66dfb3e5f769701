#include "rz/reports/writing/sparkline.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz::reports {
namespace {

using Numbers = std::vector<double>;

TEST_CASE("a sparkline goes from the least to the greatest, or from nothing") {
  CHECK(trend_line(Numbers{1, 2, 3, 4, 5, 6, 7, 8}) == "▁▂▃▄▅▆▇█");
  CHECK(trend_line(Numbers{100, 101}) == "▁█");
  CHECK(trend_line(Numbers{5, 5}) == "▁▁");
  CHECK(trend_line({}) == "");
  CHECK(shape_line(Numbers{0, 7, 100}) == " ▁█");
  CHECK(shape_line(Numbers{0, 0}) == "  ");
  CHECK(shape_line({}) == "");
}

TEST_CASE("a histogram counts every sample once, the wild ones apart") {
  Numbers samples;
  for (int i = 0; i < 100; ++i) samples.push_back(i);
  samples.push_back(10'000);
  const Bins bins = make_bins(samples, 10);
  CHECK(bins.low == 0);
  CHECK(bins.high == doctest::Approx(225));
  CHECK(bins.above == 1);
  std::size_t counted = bins.above;
  for (const std::size_t count : bins.counts) counted += count;
  CHECK(counted == samples.size());
  CHECK(bins.counts[0] == 23);
}

TEST_CASE("equal samples are one range, and no samples are none") {
  const Bins equal = make_bins(Numbers{5, 5, 5}, 4);
  CHECK(equal.counts == std::vector<std::size_t>{3, 0, 0, 0});
  CHECK(equal.above == 0);
  CHECK(make_bins({}, 4).counts.empty());
}

}  // namespace
TEST_CASE("a sparkline has a bar for each value, joined where there are too many") {
  CHECK(sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}, 60) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline(std::vector<double>{0, 0}, 60) == "▁▁");
  CHECK(sparkline(std::vector<double>{}, 60) == "");
  CHECK(sparkline(std::vector<double>{7, 7, 0, 0, 7}, 3) == "█▁█");
}

}  // namespace rz::reports
