#pragma once

#include <string>
#include <vector>

#include "rz/bench/compare.h"

namespace rz::reports {

/// The change of each benchmark with its interval, one below the other on one scale: left is
/// faster, right slower. The dashed lines are the limits.
std::string forest_plot(const std::vector<bench::BenchmarkChange>& changes,
                        const bench::Limits& limits);

/// The verdict as a word on a colour and a pattern of its own.
std::string verdict_badge(const bench::BenchmarkChange& change);

}  // namespace rz::reports
