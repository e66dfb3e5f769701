#pragma once

#include <cstddef>
#include <span>

namespace rz::bench {

/// A sample set in numbers. All of them are 0 for no samples.
struct Summary {
  double median = 0;
  double mean = 0;
  double stddev = 0;  ///< Of a sample (n - 1); 0 for fewer than two.
  double min = 0;
  double max = 0;
  double p95 = 0;
  double p99 = 0;
  /// Samples further from the median than 3 scaled median absolute deviations (MAD × 1.4826, which
  /// estimates the standard deviation of normal data; Leys et al. 2013). 0 where the MAD is 0.
  std::size_t outliers = 0;
};

/// The value below which the fraction `p` (0 to 1) of `sorted` lies, interpolated linearly between
/// the two nearest ranks (type 7 of Hyndman and Fan 1996: the default of R and NumPy).
/// `sorted` ascends; 0 if it is empty.
double percentile(std::span<const double> sorted, double p);

/// `samples` in any order, all finite.
Summary summarize(std::span<const double> samples);

}  // namespace rz::bench
