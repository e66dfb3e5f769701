#include "rz/reports/writing/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rz/bench/statistics/summary.h"

namespace rz::reports {

namespace {

std::string bar_of(double share) {
  static constexpr std::array kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  return kBars[static_cast<std::size_t>(std::lround(share * (kBars.size() - 1)))];
}

}  // namespace

std::string trend_line(std::span<const double> heights) {
  if (heights.empty()) return "";
  const double low = *std::min_element(heights.begin(), heights.end());
  const double high = *std::max_element(heights.begin(), heights.end());
  std::string line;
  for (const double height : heights) {
    line += bar_of(high > low ? (height - low) / (high - low) : 0);
  }
  return line;
}

std::string shape_line(std::span<const double> counts) {
  if (counts.empty()) return "";
  const double high = *std::max_element(counts.begin(), counts.end());
  std::string line;
  for (const double count : counts) line += count > 0 ? bar_of(count / high) : " ";
  return line;
}

Bins make_bins(std::span<const double> samples, std::size_t ranges) {
  Bins bins;
  if (samples.empty()) return bins;
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  bins.low = sorted.front();
  bins.high = std::min(sorted.back(), bench::tukey_fences(sorted).outer.high);
  bins.counts.resize(ranges);
  const double width = (bins.high - bins.low) / static_cast<double>(ranges);
  for (const double sample : sorted) {
    if (sample > bins.high) {
      ++bins.above;
      continue;
    }
    const double range = width > 0 ? (sample - bins.low) / width : 0;
    ++bins.counts[std::min(ranges - 1, static_cast<std::size_t>(range))];
  }
  return bins;
}

}  // namespace rz::reports
