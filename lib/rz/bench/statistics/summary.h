#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace rz::bench {

/// From `low` to `high`, both included.
struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return low <= value && value <= high; }
  bool operator==(const Interval&) const = default;
};

/// Beyond which a sample is an outlier. The inner fences are 1.5 interquartile ranges outside of
/// the quartiles, the outer ones 3 (Tukey, Exploratory Data Analysis, 1977).
struct Fences {
  Interval inner;
  Interval outer;
};

/// A sample set in numbers. All of them are 0 for no samples.
struct Summary {
  std::size_t samples = 0;
  double median = 0;
  double mean = 0;
  double stddev = 0;  ///< Of a sample (n - 1); 0 for fewer than two.
  double min = 0;
  double max = 0;
  double q1 = 0;  ///< The lower quartile.
  double q3 = 0;  ///< The upper quartile.
  double p95 = 0;
  double p99 = 0;
  std::size_t outliers = 0;         ///< Beyond the inner fences.
  std::size_t severe_outliers = 0;  ///< Beyond the outer fences, and counted in `outliers` too.
};

/// The value below which the fraction `p` (0 to 1) of `sorted` lies, interpolated linearly between
/// the two nearest ranks (type 7 of Hyndman and Fan 1996: the default of R and NumPy).
/// `sorted` ascends; 0 if it is empty.
double percentile(std::span<const double> sorted, double p);

/// The median of `samples`, in any order; 0 if there are none. Faster than sorting them.
double median_of(std::vector<double>& samples);

/// `sorted` ascends.
Fences tukey_fences(std::span<const double> sorted);

/// `samples` in any order, all finite.
Summary summarize(std::span<const double> samples);

/// Between which two of `sorted` the true median lies with at least this confidence, whatever the
/// distribution: the order statistics that the binomial distribution gives. Nothing if there are
/// too few samples for it; 95 % needs six. `sorted` ascends.
std::optional<Interval> median_interval(std::span<const double> sorted, double confidence);

/// Of positive numbers; 1 if there are none.
double geometric_mean(std::span<const double> ratios);

}  // namespace rz::bench
