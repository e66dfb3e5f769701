#include "rz/bench/statistics/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rz::bench {
namespace {

// Beyond it the exact distribution costs much, and the normal one differs in the third digit.
constexpr std::size_t kMaxExact = 64;
// Past any table of benchmarks.
constexpr std::size_t kMostNeeded = 64;

/// The samples of both sets in ascending order.
struct Pooled {
  struct Sample {
    double value;
    bool first;
  };
  std::vector<Sample> samples;
  /// Twice the rank of each, the mean rank for ties: whole numbers.
  std::vector<std::size_t> ranks;
  double ties = 0;  ///< The sum of t³ - t over the groups of t equal samples.
};

Pooled pool(std::span<const double> a, std::span<const double> b) {
  Pooled pooled;
  for (const double value : a) pooled.samples.push_back({value, true});
  for (const double value : b) pooled.samples.push_back({value, false});
  std::sort(pooled.samples.begin(), pooled.samples.end(),
            [](const auto& x, const auto& y) { return x.value < y.value; });
  const std::size_t count = pooled.samples.size();
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin;
    while (end < count && pooled.samples[end].value == pooled.samples[begin].value) ++end;
    const auto tied = static_cast<double>(end - begin);
    pooled.ties += tied * tied * tied - tied;
    // Ranks begin + 1 to end; twice their mean.
    pooled.ranks.insert(pooled.ranks.end(), end - begin, begin + 1 + end);
    begin = end;
  }
  return pooled;
}

std::size_t rank_sum_of_first(const Pooled& pooled) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < pooled.ranks.size(); ++i) {
    if (pooled.samples[i].first) sum += pooled.ranks[i];
  }
  return sum;
}

/// In how many ways `size` of `ranks` have each sum.
std::vector<double> count_sums(const std::vector<std::size_t>& ranks, std::size_t size) {
  std::size_t most = 0;
  for (const std::size_t rank : ranks) most += rank;
  std::vector<std::vector<double>> ways(size + 1, std::vector<double>(most + 1, 0.0));
  ways[0][0] = 1;
  std::size_t taken = 0;
  std::size_t reached = 0;
  for (const std::size_t rank : ranks) {
    taken = std::min(taken + 1, size);
    reached += rank;
    // Downwards, so that each sample is taken once at most.
    for (std::size_t k = taken; k > 0; --k) {
      for (std::size_t sum = reached; sum >= rank; --sum) ways[k][sum] += ways[k - 1][sum - rank];
    }
  }
  return std::move(ways[size]);
}

double exact_p(const Pooled& pooled, std::size_t first_size, std::size_t rank_sum) {
  const std::vector<double> ways = count_sums(pooled.ranks, first_size);
  // Twice the mean rank sum.
  const auto mean = static_cast<double>(first_size * (pooled.ranks.size() + 1));
  const double distance = std::abs(static_cast<double>(rank_sum) - mean);
  double all = 0;
  double as_far = 0;
  for (std::size_t sum = 0; sum < ways.size(); ++sum) {
    all += ways[sum];
    if (std::abs(static_cast<double>(sum) - mean) >= distance) as_far += ways[sum];
  }
  return std::min(1.0, as_far / all);
}

double normal_p(const Pooled& pooled, double u, double a, double b) {
  const double n = a + b;
  const double variance = a * b / 12 * (n + 1 - pooled.ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  // Half a step towards the mean: U is a whole number, and the normal distribution is not.
  const double distance = std::max(0.0, std::abs(u - a * b / 2) - 0.5);
  return std::erfc(distance / std::sqrt(2 * variance));
}

}  // namespace

UTest mann_whitney(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  const Pooled pooled = pool(a, b);
  const std::size_t rank_sum = rank_sum_of_first(pooled);
  const auto size = static_cast<double>(a.size());
  UTest test;
  test.u = static_cast<double>(rank_sum) / 2 - size * (size + 1) / 2;
  test.exact = a.size() + b.size() <= kMaxExact;
  test.p = test.exact ? exact_p(pooled, a.size(), rank_sum)
                      : normal_p(pooled, test.u, size, static_cast<double>(b.size()));
  return test;
}

double smallest_p(std::size_t a, std::size_t b) {
  const auto logarithm = [](std::size_t n) { return std::lgamma(static_cast<double>(n) + 1); };
  return std::min(1.0, 2 * std::exp(logarithm(a) + logarithm(b) - logarithm(a + b)));
}

std::size_t samples_needed(double alpha) {
  std::size_t needed = 1;
  while (needed < kMostNeeded && smallest_p(needed, needed) > alpha) ++needed;
  return needed;
}

}  // namespace rz::bench
