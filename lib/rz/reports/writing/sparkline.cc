#include "rz/reports/writing/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

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

std::string sparkline(std::span<const double> values, std::size_t columns) {
  if (values.empty() || columns == 0) return "";
  const std::size_t joined = (values.size() + columns - 1) / columns;
  std::vector<double> means;
  for (std::size_t i = 0; i < values.size(); i += joined) {
    const auto some = values.subspan(i, std::min(joined, values.size() - i));
    means.push_back(std::accumulate(some.begin(), some.end(), 0.0) /
                    static_cast<double>(some.size()));
  }
  const double highest = *std::max_element(means.begin(), means.end());
  std::string line;
  for (const double mean : means) {
    line += bar_of(highest > 0 ? std::max(mean, 0.0) / highest : 0);
  }
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
