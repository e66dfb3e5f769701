#include "rz/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

constexpr double kMadScale = 1.4826;
constexpr double kOutlierLimit = 3;

std::size_t count_outliers(std::span<const double> sorted, double median) {
  std::vector<double> deviations;
  deviations.reserve(sorted.size());
  for (double sample : sorted) deviations.push_back(std::abs(sample - median));
  std::sort(deviations.begin(), deviations.end());
  const double limit = percentile(deviations, 0.5) * kMadScale * kOutlierLimit;
  if (limit == 0) return 0;
  return static_cast<std::size_t>(deviations.end() -
                                  std::upper_bound(deviations.begin(), deviations.end(), limit));
}

}  // namespace

double percentile(std::span<const double> sorted, double p) {
  if (sorted.empty()) return 0;
  const double rank = std::clamp(p, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], rank - static_cast<double>(below));
}

Summary summarize(std::span<const double> samples) {
  if (samples.empty()) return {};
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<double>(sorted.size());

  // Welford's update: a sum of squares would lose what matters where the spread is small.
  double mean = 0;
  double squares = 0;
  double seen = 0;
  for (double sample : sorted) {
    seen += 1;
    const double distance = sample - mean;
    mean += distance / seen;
    squares += distance * (sample - mean);
  }

  Summary summary;
  summary.median = percentile(sorted, 0.5);
  summary.mean = mean;
  summary.stddev = count < 2 ? 0 : std::sqrt(squares / (count - 1));
  summary.min = sorted.front();
  summary.max = sorted.back();
  summary.p95 = percentile(sorted, 0.95);
  summary.p99 = percentile(sorted, 0.99);
  summary.outliers = count_outliers(sorted, summary.median);
  return summary;
}

}  // namespace rz::bench
