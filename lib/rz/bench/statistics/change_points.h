#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace rz::bench {

/// Where a series of figures changed its level.
struct ChangePoint {
  std::size_t index = 0;  ///< The first figure of the new level.
  double ratio = 1;       ///< Of the new level's median to that of the level before.
  double p = 1;           ///< Of Welch's t test between the two levels.
};

/// The changes of level in `series`, in order. Each split is where the energy distance between both
/// sides is greatest (E-divisive means: Matteson and James 2014), and is kept if the logarithms of
/// the two sides differ at p < 0.001 by Welch's test, as Hunter does (Fleming et al. 2023), so that
/// the same series always has the same answer. A level has at least three figures: one bad run at
/// the end is none yet. All figures are positive.
std::vector<ChangePoint> find_change_points(std::span<const double> series);

/// By how much a figure differs from the one before where nothing has changed: the upper outer
/// fence of all such changes, as a fraction (that is how rustc-perf judges). Steps over a change
/// point do not count. Nothing for fewer than four steps.
std::optional<double> learn_noise(std::span<const double> series,
                                  std::span<const ChangePoint> changes);

}  // namespace rz::bench
