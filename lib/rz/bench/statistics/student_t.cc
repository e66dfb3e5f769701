#include "rz/bench/statistics/student_t.h"

#include <algorithm>
#include <cmath>

#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

constexpr double kTiny = 1e-300;
constexpr double kPrecision = 1e-15;
constexpr int kMaxSteps = 1'000;

/// The continued fraction of the incomplete beta function by Lentz's method (NIST Digital Library
/// of Mathematical Functions, 8.17.22).
double beta_fraction(double x, double a, double b) {
  const auto away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  const auto step = [&](double term) {
    d = 1 / away_from_zero(1 + term * d);
    c = away_from_zero(1 + term / c);
    fraction *= c * d;
  };
  for (int m = 1; m <= kMaxSteps; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    const double before = fraction;
    step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (std::abs(fraction / before - 1) < kPrecision) break;
  }
  return fraction;
}

/// The regularized incomplete beta function.
double incomplete_beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  // The fraction converges fast on one side of the mean only.
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double squared(double value) { return value * value; }

}  // namespace

Moments moments_of(std::span<const double> samples) {
  const Summary summary = summarize(samples);
  return {summary.mean, summary.stddev, summary.samples};
}

double two_sided_p(double t, double freedom) {
  return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

double t_quantile(double confidence, double freedom) {
  double low = 0;
  double high = 1;
  while (1 - two_sided_p(high, freedom) < confidence && high < 1e12) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = low + (high - low) / 2;
    (1 - two_sided_p(middle, freedom) < confidence ? low : high) = middle;
  }
  return high;
}

WelchTest welch(const Moments& a, const Moments& b) {
  const double of_a = squared(a.stddev) / static_cast<double>(a.count);
  const double of_b = squared(b.stddev) / static_cast<double>(b.count);
  WelchTest test;
  if (of_a + of_b <= 0) {
    test.freedom = static_cast<double>(a.count + b.count - 2);
    test.p = a.mean == b.mean ? 1 : 0;
    return test;
  }
  test.t = (b.mean - a.mean) / std::sqrt(of_a + of_b);
  test.freedom = squared(of_a + of_b) / (squared(of_a) / static_cast<double>(a.count - 1) +
                                         squared(of_b) / static_cast<double>(b.count - 1));
  test.p = two_sided_p(test.t, test.freedom);
  return test;
}

double hedges_g(const Moments& a, const Moments& b) {
  const auto freedom = static_cast<double>(a.count + b.count - 2);
  const double pooled = std::sqrt((static_cast<double>(a.count - 1) * squared(a.stddev) +
                                   static_cast<double>(b.count - 1) * squared(b.stddev)) /
                                  freedom);
  if (pooled <= 0) return 0;
  return (b.mean - a.mean) / pooled * (1 - 3 / (4 * freedom - 1));
}

}  // namespace rz::bench
