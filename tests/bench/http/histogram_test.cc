#include "rz/bench/http/histogram.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace rz::bench {
namespace {

using Nanos = Histogram::Nanos;

/// Durations of all magnitudes up to the longest.
rc::Gen<std::vector<std::int64_t>> durations() {
  const auto one = rc::gen::map(
      rc::gen::pair(rc::gen::inRange<int>(0, 44), rc::gen::arbitrary<std::uint64_t>()),
      [](const std::pair<int, std::uint64_t>& drawn) {
        return static_cast<std::int64_t>(drawn.second & ((std::uint64_t{1} << drawn.first) - 1));
      });
  return rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(one));
}

Histogram histogram_of(const std::vector<std::int64_t>& samples) {
  Histogram histogram;
  for (const std::int64_t sample : samples) histogram.record(Nanos{sample});
  return histogram;
}

/// The nearest rank, by sorting.
std::int64_t ranked(std::vector<std::int64_t> samples, double percent) {
  std::sort(samples.begin(), samples.end());
  const auto rank = static_cast<std::size_t>(
      std::ceil(percent / 100 * static_cast<double>(samples.size()) * (1 - 1e-12)));
  return samples[std::clamp<std::size_t>(rank, 1, samples.size()) - 1];
}

bool within_a_thousandth(Nanos got, std::int64_t wanted) {
  return std::abs(got.count() - wanted) * 1000 <= wanted;
}

TEST_CASE("percentiles are those of the sorted samples, to a thousandth") {
  CHECK(rc::check([] {
    const auto samples = *durations();
    const Histogram histogram = histogram_of(samples);
    RC_ASSERT(histogram.count() == samples.size());
    for (const double percent : {0.0, 1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
      RC_ASSERT(within_a_thousandth(histogram.percentile(percent), ranked(samples, percent)));
    }
    RC_ASSERT(histogram.min().count() == ranked(samples, 0));
    RC_ASSERT(histogram.max().count() == ranked(samples, 100));
  }));
}

TEST_CASE("mean and spread are those of the samples") {
  const Histogram histogram = histogram_of({2'000'000, 4'000'000, 4'000'000, 6'000'000});
  CHECK(histogram.mean_ns() == doctest::Approx(4e6));
  CHECK(histogram.stddev_ns() == doctest::Approx(1.632993e6));
  CHECK(Histogram().mean_ns() == 0);
  CHECK(Histogram().percentile(50) == Nanos{0});
  CHECK(Histogram().min() == Nanos{0});
}

TEST_CASE("what is below zero or beyond the longest counts as these") {
  const Histogram histogram = histogram_of({-5, (std::int64_t{1} << 60)});
  CHECK(histogram.min() == Nanos{0});
  CHECK(histogram.max() == Histogram::kLongest);
  CHECK(histogram.count_between(Nanos{0}, Histogram::kLongest + Nanos{1}) == 2);
}

TEST_CASE("two histograms add up to that of all samples") {
  CHECK(rc::check([] {
    const auto one = *durations();
    auto other = *durations();
    Histogram sum = histogram_of(one);
    sum.add(histogram_of(other));
    other.insert(other.end(), one.begin(), one.end());
    const Histogram whole = histogram_of(other);
    RC_ASSERT(sum.count() == whole.count());
    RC_ASSERT(sum.max() == whole.max());
    for (const double percent : {10.0, 50.0, 99.0}) {
      RC_ASSERT(sum.percentile(percent) == whole.percentile(percent));
    }
  }));
}

TEST_CASE("all durations between bounds that are buckets' own are counted") {
  const Histogram histogram = histogram_of({1, 999, 1000, 1001, 5'000'000});
  CHECK(histogram.count_between(Nanos{0}, Nanos{1000}) == 2);
  CHECK(histogram.count_between(Nanos{1000}, Nanos{2000}) == 2);
  CHECK(histogram.count_between(Nanos{0}, Nanos{10'000'000}) == 5);
}

/// As HdrHistogram's own code does it, one value after the other.
std::vector<std::int64_t> corrected_samples(const std::vector<std::int64_t>& samples,
                                            std::int64_t interval) {
  std::vector<std::int64_t> all = samples;
  for (const std::int64_t sample : samples) {
    for (std::int64_t missing = sample - interval; missing >= interval; missing -= interval) {
      all.push_back(missing);
    }
  }
  return all;
}

TEST_CASE("the correction adds what a stall held back, as HdrHistogram does") {
  // A second without an answer where one comes each 10 ms: 99 requests were held up.
  const Histogram histogram = histogram_of({10'000'000, 1'000'000'000});
  const Histogram corrected = histogram.corrected(Nanos{10'000'000});
  CHECK(corrected.count() == 101);
  CHECK(within_a_thousandth(corrected.percentile(50), 500'000'000));
  CHECK(corrected.max() == Nanos{1'000'000'000});
  CHECK(corrected.min() == Nanos{10'000'000});
}

TEST_CASE("it counts as many as adding one value after the other") {
  CHECK(rc::check([] {
    const auto interval = *rc::gen::inRange<std::int64_t>(1'000, 100'000);
    const auto samples = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(0, 3'000'000)));
    const Histogram corrected = histogram_of(samples).corrected(Nanos{interval});
    const auto wanted = corrected_samples(samples, interval);
    // A value in the middle of its bucket may have one step more or less than the sample itself.
    const auto difference =
        static_cast<std::int64_t>(corrected.count()) - static_cast<std::int64_t>(wanted.size());
    RC_ASSERT(std::abs(difference) <=
              static_cast<std::int64_t>(2 * samples.size() + wanted.size() / 500));
    // The nearest rank may then be a neighbour's, one interval further.
    const auto middle = ranked(wanted, 50);
    RC_ASSERT(std::abs(corrected.percentile(50).count() - middle) <= 2 * interval + middle / 500);
  }));
}

TEST_CASE("a stall of hours at an interval of microseconds is corrected in no time") {
  Histogram histogram;
  histogram.record(std::chrono::hours{4}, 1000);
  const Histogram corrected = histogram.corrected(Nanos{1'000});
  CHECK(corrected.count() > 14'000'000'000'000);
  CHECK(within_a_thousandth(corrected.percentile(50), Nanos{std::chrono::hours{2}}.count()));
}

TEST_CASE("what a histogram is made of makes it anew, and what cannot be is refused") {
  Histogram histogram;
  for (int i = 1; i < 10'000; i += 7) histogram.record(Nanos{i * i});
  const Histogram::Parts parts = histogram.parts();
  const auto again = Histogram::restored(parts);
  REQUIRE(again.has_value());
  CHECK(again->parts().buckets == parts.buckets);
  CHECK(again->percentile(99) == histogram.percentile(99));
  CHECK(again->stddev_ns() == histogram.stddev_ns());
  CHECK(again->max() == histogram.max());
  CHECK(Histogram::restored(Histogram().parts())->empty());
  const auto refuses = [&parts](auto spoil) {
    Histogram::Parts spoilt = parts;
    spoil(spoilt);
    return !Histogram::restored(spoilt).has_value();
  };
  CHECK(refuses([](auto& p) { std::swap(p.buckets[0], p.buckets[1]); }));
  CHECK(refuses([](auto& p) { p.buckets[3].second = 0; }));
  CHECK(refuses([](auto& p) { p.buckets.back().first = ~0ULL; }));
  CHECK(refuses([](auto& p) { p.buckets[0].second = ~0ULL; }));
  CHECK(refuses([](auto& p) { p.max = Nanos{1}; }));
  CHECK(refuses([](auto& p) { p.min = Nanos{-1}; }));
  CHECK(refuses([](auto& p) { p.sum = 0; }));
}

}  // namespace
}  // namespace rz::bench
