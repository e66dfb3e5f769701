#include "rz/bench/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace rz::bench {
namespace {

constexpr std::size_t kResamples = 10'000;
// What is drawn in all, so that many samples cost no more than some seconds.
constexpr std::size_t kMaxDraws = 4'000'000;
constexpr std::size_t kLeastResamples = 1'000;
// Any number does; a fixed one makes the result repeatable.
constexpr std::uint64_t kSeed = 0x7a8e'c0de'5eed'0001;

/// SplitMix64 (Steele, Lea and Flood 2014). Unlike the distributions of the standard library it
/// gives the same numbers everywhere.
class Random {
 public:
  std::size_t below(std::size_t limit) {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    z ^= z >> 31;
    // The upper half of the product with the upper 32 bits (Lemire 2019): no division.
    return static_cast<std::size_t>(((z >> 32) * limit) >> 32);
  }

 private:
  std::uint64_t state_ = kSeed;
};

std::size_t block_length(std::size_t samples) {
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(std::cbrt(static_cast<double>(samples)))));
}

/// Draws as many samples as there are, in blocks; a block that runs over the end goes on at the
/// beginning.
double median_of_draw(std::span<const double> samples, Random& random, std::vector<double>& drawn) {
  const std::size_t block = block_length(samples.size());
  drawn.clear();
  while (drawn.size() < samples.size()) {
    std::size_t at = random.below(samples.size());
    for (std::size_t i = 0; i < block && drawn.size() < samples.size(); ++i) {
      drawn.push_back(samples[at]);
      at = at + 1 == samples.size() ? 0 : at + 1;
    }
  }
  return median_of(drawn);
}

}  // namespace

Interval median_ratio_interval(std::span<const double> before, std::span<const double> after,
                               double confidence) {
  const std::size_t resamples =
      std::clamp(kMaxDraws / (before.size() + after.size()), kLeastResamples, kResamples);
  Random random;
  std::vector<double> drawn;
  std::vector<double> ratios;
  ratios.reserve(resamples);
  for (std::size_t i = 0; i < resamples; ++i) {
    const double of_before = median_of_draw(before, random, drawn);
    ratios.push_back(median_of_draw(after, random, drawn) / of_before);
  }
  std::sort(ratios.begin(), ratios.end());
  const double tail = (1 - confidence) / 2;
  return {percentile(ratios, tail), percentile(ratios, 1 - tail)};
}

namespace {

constexpr std::size_t kLeastProcesses = 3;

ProcessSamples those_with_samples(const ProcessSamples& processes) {
  ProcessSamples kept;
  for (const auto& samples : processes) {
    if (!samples.empty()) kept.push_back(samples);
  }
  return kept;
}

/// As many processes as there are, each with as many samples as it has.
double median_of_processes(const ProcessSamples& processes, Random& random,
                           std::vector<double>& drawn) {
  drawn.clear();
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const std::vector<double>& samples = processes[random.below(processes.size())];
    for (std::size_t k = 0; k < samples.size(); ++k) {
      drawn.push_back(samples[random.below(samples.size())]);
    }
  }
  return median_of(drawn);
}

}  // namespace

std::optional<Interval> process_ratio_interval(const ProcessSamples& before,
                                               const ProcessSamples& after, double confidence) {
  const ProcessSamples then = those_with_samples(before);
  const ProcessSamples now = those_with_samples(after);
  if (std::min(then.size(), now.size()) < kLeastProcesses) return std::nullopt;
  Random random;
  std::vector<double> drawn;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < kLeastResamples * 2; ++i) {
    const double of_before = median_of_processes(then, random, drawn);
    ratios.push_back(median_of_processes(now, random, drawn) / of_before);
  }
  std::sort(ratios.begin(), ratios.end());
  const double tail = (1 - confidence) / 2;
  return Interval{percentile(ratios, tail), percentile(ratios, 1 - tail)};
}

}  // namespace rz::bench
