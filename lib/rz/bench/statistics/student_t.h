#pragma once

#include <cstddef>
#include <span>

namespace rz::bench {

/// What is known of a sample set where the samples themselves are not.
struct Moments {
  double mean = 0;
  double stddev = 0;  ///< Of a sample (n - 1).
  std::size_t count = 0;
};

Moments moments_of(std::span<const double> samples);

/// The chance that Student's t is further from 0 than `t`, on either side. `freedom` > 0.
double two_sided_p(double t, double freedom);

/// The t that is passed on either side with a chance of 1 - `confidence`. `freedom` > 0.
double t_quantile(double confidence, double freedom);

/// What Welch's t test says of two sample sets (Welch 1947), whose variances may differ.
struct WelchTest {
  double t = 0;        ///< Positive where the second mean is the greater.
  double freedom = 0;  ///< Degrees of it.
  double p = 1;        ///< Two-sided.
};

/// Each set has at least two samples. Where neither varies at all, p is 1 for equal means, else 0.
WelchTest welch(const Moments& a, const Moments& b);

/// By how many standard deviations `b` is above `a`: Hedges' g, which corrects Cohen's d for small
/// sets (Hedges 1981). 0 where neither varies. Each set has at least two samples.
double hedges_g(const Moments& a, const Moments& b);

}  // namespace rz::bench
