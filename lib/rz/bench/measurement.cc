#include "rz/bench/measurement.h"

#include <algorithm>
#include <span>

#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

/// What `of` says of the samples of each round.
template <class Of>
std::vector<double> each_round(const Measurement& measurement, Of of) {
  std::vector<double> rounds;
  const std::span<const double> samples = measurement.samples;
  const std::size_t step = std::max<std::size_t>(1, measurement.per_round);
  for (std::size_t at = 0; at < samples.size(); at += step) {
    rounds.push_back(of(samples.subspan(at, std::min(step, samples.size() - at))));
  }
  return rounds;
}

}  // namespace

double best_probe(const Measurement& measurement) {
  std::vector<double> sorted = measurement.probes;
  std::sort(sorted.begin(), sorted.end());
  return percentile(sorted, 0.05);
}

std::vector<double> least_of_rounds(const Measurement& measurement, std::size_t at_most) {
  return each_round(measurement, [at_most](std::span<const double> samples) {
    const auto some = samples.first(std::clamp<std::size_t>(at_most, 1, samples.size()));
    return *std::min_element(some.begin(), some.end());
  });
}

std::vector<double> medians_of_rounds(const Measurement& measurement) {
  return each_round(measurement, [](std::span<const double> samples) {
    std::vector<double> copy(samples.begin(), samples.end());
    return median_of(copy);
  });
}

}  // namespace rz::bench
