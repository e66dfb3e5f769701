#pragma once

#include <cstddef>
#include <span>

namespace rz::bench {

/// What a Mann-Whitney U test says of two sample sets.
struct UTest {
  double u = 0;  ///< Pairs in which the sample of the first set is the greater; a tie is half.
  double p = 1;  ///< Two-sided.
  bool exact = false;  ///< Over all ways to divide the samples; else by the normal approximation.
};

/// How probable it is that sets of one distribution differ by as much as these do, or by more. It
/// asks nothing of that distribution, and one wild sample cannot decide it. Up to 64 samples in all
/// it is exact, ties included: of all ways to divide them, the share whose rank sum is as far from
/// its mean. Beyond that, by the normal approximation with corrections for ties and continuity.
/// An empty set gives p = 1.
UTest mann_whitney(std::span<const double> a, std::span<const double> b);

/// The least p that two sets of these sizes can have: 2 / C(a + b, a).
double smallest_p(std::size_t a, std::size_t b);

/// How many samples each of two sets needs before their p can be `alpha` at all; 4 at 5 %.
std::size_t samples_needed(double alpha);

}  // namespace rz::bench
