#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace rz::reports {

/// A character for each height, from `▁` for the least to `█` for the greatest.
std::string trend_line(std::span<const double> heights);

/// The same from nothing on, which is a blank, to `█` for the greatest.
std::string shape_line(std::span<const double> counts);

/// A bar of eighths for each value, `▁▃█`, as high as the highest is 8; at most `columns`, for
/// which neighbours are joined by their mean.
std::string sparkline(std::span<const double> values, std::size_t columns);

/// How samples are spread: how many of them lie in each of some ranges of equal width.
struct Bins {
  double low = 0;   ///< Where the first range begins.
  double high = 0;  ///< Where the last one ends.
  std::vector<std::size_t> counts;
  std::size_t above = 0;  ///< Samples beyond `high`.
};

/// From the least sample to the upper outer fence, or to the greatest sample: some few that took
/// ten times as long would otherwise leave one range for all others. No counts for no samples.
Bins make_bins(std::span<const double> samples, std::size_t ranges);

}  // namespace rz::reports
