#include "rz/bench/statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace rz::bench {
namespace {

constexpr double kInnerFence = 1.5;
constexpr double kOuterFence = 3;

std::size_t count_outside(std::span<const double> sorted, Interval fence) {
  const auto below = std::lower_bound(sorted.begin(), sorted.end(), fence.low) - sorted.begin();
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), fence.high);
  return static_cast<std::size_t>(below + above);
}

/// Mean and squared distances by Welford's update: a sum of squares would lose what matters where
/// the spread is small.
void add_moments(std::span<const double> samples, Summary& summary) {
  double squares = 0;
  double seen = 0;
  for (const double sample : samples) {
    seen += 1;
    const double distance = sample - summary.mean;
    summary.mean += distance / seen;
    squares += distance * (sample - summary.mean);
  }
  summary.stddev = seen < 2 ? 0 : std::sqrt(squares / (seen - 1));
}

}  // namespace

double percentile(std::span<const double> sorted, double p) {
  if (sorted.empty()) return 0;
  const double rank = std::clamp(p, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], rank - static_cast<double>(below));
}

double median_of(std::vector<double>& samples) {
  if (samples.empty()) return 0;
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  if (samples.size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(samples.begin(), middle), *middle);
}

Fences tukey_fences(std::span<const double> sorted) {
  const double q1 = percentile(sorted, 0.25);
  const double q3 = percentile(sorted, 0.75);
  const auto fence = [&](double ranges) {
    return Interval{q1 - ranges * (q3 - q1), q3 + ranges * (q3 - q1)};
  };
  return {fence(kInnerFence), fence(kOuterFence)};
}

Summary summarize(std::span<const double> samples) {
  if (samples.empty()) return {};
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const Fences fences = tukey_fences(sorted);

  Summary summary;
  summary.samples = sorted.size();
  add_moments(sorted, summary);
  summary.median = percentile(sorted, 0.5);
  summary.min = sorted.front();
  summary.max = sorted.back();
  summary.q1 = percentile(sorted, 0.25);
  summary.q3 = percentile(sorted, 0.75);
  summary.p95 = percentile(sorted, 0.95);
  summary.p99 = percentile(sorted, 0.99);
  summary.outliers = count_outside(sorted, fences.inner);
  summary.severe_outliers = count_outside(sorted, fences.outer);
  return summary;
}

std::optional<Interval> median_interval(std::span<const double> sorted, double confidence) {
  const auto n = static_cast<double>(sorted.size());
  std::optional<Interval> found;
  // The chance that fewer than `rank` of n samples are below the median, which must be at most half
  // of what the confidence leaves. The logarithm of a binomial coefficient does not overflow.
  double tail = 0;
  for (std::size_t rank = 1; 2 * rank <= sorted.size(); ++rank) {
    const auto below = static_cast<double>(rank - 1);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(below + 1) - std::lgamma(n - below + 1) -
                     n * std::log(2.0));
    if (1 - 2 * tail < confidence) break;
    found = Interval{sorted[rank - 1], sorted[sorted.size() - rank]};
  }
  return found;
}

double geometric_mean(std::span<const double> ratios) {
  if (ratios.empty()) return 1;
  double logarithms = 0;
  for (const double ratio : ratios) logarithms += std::log(ratio);
  return std::exp(logarithms / static_cast<double>(ratios.size()));
}

}  // namespace rz::bench
