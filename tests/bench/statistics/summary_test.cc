#include "rz/bench/statistics/summary.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

std::vector<double> as_doubles(const std::vector<int>& numbers) {
  return {numbers.begin(), numbers.end()};
}

/// Whether `a` is `b` but for rounding, which grows with the samples and not with the result.
bool near(double a, double b, const std::vector<double>& samples) {
  double scale = 1;
  for (double x : samples) scale = std::max(scale, std::abs(x));
  return std::abs(a - b) <= 1e-9 * scale;
}

TEST_CASE("percentiles interpolate between ranks, as R and NumPy do") {
  const std::vector<double> sorted = {10, 20, 30, 40};
  CHECK(percentile(sorted, 0) == 10);
  CHECK(percentile(sorted, 1) == 40);
  CHECK(percentile(sorted, 0.5) == 25);
  CHECK(percentile(sorted, 0.25) == doctest::Approx(17.5));
  CHECK(percentile(sorted, 0.95) == doctest::Approx(38.5));
  CHECK(percentile(std::vector<double>{7}, 0.99) == 7);
  CHECK(percentile({}, 0.5) == 0);
}

TEST_CASE("a summary of known samples") {
  const Summary s = summarize(std::vector<double>{4, 2, 8, 6});
  CHECK(s.median == 5);
  CHECK(s.mean == 5);
  CHECK(s.stddev == doctest::Approx(2.581988897));
  CHECK(s.min == 2);
  CHECK(s.max == 8);
  CHECK(s.p95 == doctest::Approx(7.7));
  CHECK(s.p99 == doctest::Approx(7.94));
  CHECK(s.outliers == 0);
}

TEST_CASE("no sample and a single one have no spread") {
  CHECK(summarize({}).max == 0);
  const Summary one = summarize(std::vector<double>{3});
  CHECK(one.mean == 3);
  CHECK(one.stddev == 0);
  CHECK(one.outliers == 0);
}

TEST_CASE("fences are 1.5 and 3 interquartile ranges outside of the quartiles") {
  // Quartiles 2 and 4.
  const std::vector<double> sorted = {1, 2, 3, 4, 5};
  const Fences fences = tukey_fences(sorted);
  CHECK(fences.inner == Interval{-1, 7});
  CHECK(fences.outer == Interval{-4, 10});
}

TEST_CASE("outliers are counted on both sides, and the severe ones apart") {
  const Summary one = summarize(std::vector<double>{10, 11, 12, 13, 14, 100});
  CHECK(one.outliers == 1);
  CHECK(one.severe_outliers == 1);
  // Quartiles 11 and 14, so that 19 is beyond 18.5 and within 23.
  const Summary mild = summarize(std::vector<double>{10, 11, 12, 13, 14, 15, 19, 10, 14});
  CHECK(mild.outliers == 1);
  CHECK(mild.severe_outliers == 0);
  CHECK(summarize(std::vector<double>{-80, 10, 11, 12, 13, 14, 100}).severe_outliers == 2);
  CHECK(summarize(std::vector<double>{5, 5, 5, 5}).outliers == 0);
}

// benchstat (golang.org/x/perf, benchmath): the interval of a median at 95 % is finite from six
// samples on. Ten samples: the second and the ninth, at 97.9 % (Conover 1999, table A3 of the
// binomial distribution).
TEST_CASE("the interval of a median is between order statistics") {
  const std::vector<double> five = {1, 2, 3, 4, 5};
  CHECK_FALSE(median_interval(five, 0.95));
  const std::vector<double> six = {1, 2, 3, 4, 5, 6};
  CHECK(median_interval(six, 0.95) == Interval{1, 6});
  const std::vector<double> ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(median_interval(ten, 0.95) == Interval{2, 9});
  CHECK(median_interval(ten, 0.99) == Interval{1, 10});
  CHECK_FALSE(median_interval({}, 0.95));
}

TEST_CASE("the geometric mean of ratios knows no direction") {
  CHECK(geometric_mean(std::vector<double>{2, 0.5}) == doctest::Approx(1));
  CHECK(geometric_mean(std::vector<double>{2, 4, 8}) == doctest::Approx(4));
  CHECK(geometric_mean({}) == 1);
}

TEST_CASE("the median without sorting is the one with it") {
  CHECK(rc::check([](const std::vector<int>& numbers) {
    std::vector<double> samples = as_doubles(numbers);
    std::vector<double> sorted = samples;
    std::sort(sorted.begin(), sorted.end());
    RC_ASSERT(near(median_of(samples), percentile(sorted, 0.5), sorted));
  }));
}

TEST_CASE("a large offset does not swallow the spread") {
  const Summary s = summarize(std::vector<double>{1e9 + 1, 1e9 + 2, 1e9 + 3});
  CHECK(s.stddev == doctest::Approx(1.0));
}

TEST_CASE("mean and deviation agree with their definitions") {
  CHECK(rc::check([](const std::vector<int>& numbers) {
    RC_PRE(numbers.size() >= 2);
    const std::vector<double> samples = as_doubles(numbers);
    double sum = 0;
    for (double x : samples) sum += x;
    const double mean = sum / static_cast<double>(samples.size());
    double squares = 0;
    for (double x : samples) squares += (x - mean) * (x - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(samples.size() - 1));
    const Summary s = summarize(samples);
    RC_ASSERT(near(s.mean, mean, samples));
    RC_ASSERT(near(s.stddev, deviation, samples));
  }));
}

TEST_CASE("half of the samples lie on either side of the median, whatever their order") {
  CHECK(rc::check([](std::vector<int> numbers) {
    RC_PRE(!numbers.empty());
    const Summary s = summarize(as_doubles(numbers));
    const auto below =
        std::count_if(numbers.begin(), numbers.end(), [&](int x) { return x < s.median; });
    const auto above =
        std::count_if(numbers.begin(), numbers.end(), [&](int x) { return x > s.median; });
    const auto half = static_cast<std::ptrdiff_t>(numbers.size() / 2);
    RC_ASSERT(below <= half);
    RC_ASSERT(above <= half);
    std::reverse(numbers.begin(), numbers.end());
    RC_ASSERT(summarize(as_doubles(numbers)).median == s.median);
  }));
}

TEST_CASE("percentiles ascend from the least to the greatest sample") {
  CHECK(rc::check([](const std::vector<int>& numbers) {
    RC_PRE(!numbers.empty());
    std::vector<double> sorted = as_doubles(numbers);
    std::sort(sorted.begin(), sorted.end());
    double last = sorted.front();
    for (int p = 0; p <= 100; ++p) {
      const double value = percentile(sorted, p / 100.0);
      RC_ASSERT(value >= last - 1e-6);
      last = value;
    }
    RC_ASSERT(last == sorted.back());
  }));
}

}  // namespace
}  // namespace rz::bench
