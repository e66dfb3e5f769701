#pragma once

#include <span>

#include "rz/bench/statistics/summary.h"

namespace rz::bench {

/// Between what bounds the true ratio of the medians, `after` to `before`, lies with this
/// confidence: the percentiles of the ratio over 10 000 pairs of sets that are drawn from these
/// with repetition (Efron 1979). Samples that were taken one after the other are alike, so what is
/// drawn are not samples but runs of neighbours, as long as the third root of their number (Künsch
/// 1989): otherwise a machine that was busy for a while would look like many independent witnesses.
/// The same samples always give the same interval. All samples are positive and in the order in
/// which they were taken; neither set is empty.
Interval median_ratio_interval(std::span<const double> before, std::span<const double> after,
                               double confidence);

/// Samples of several processes, each of which has a place in memory and a time of its own.
using ProcessSamples = std::vector<std::vector<double>>;

/// The same where samples of one process are more alike than those of two: processes are drawn, and
/// then samples of each. Nothing where either has fewer than three that have samples.
std::optional<Interval> process_ratio_interval(const ProcessSamples& before,
                                               const ProcessSamples& after, double confidence);

}  // namespace rz::bench
