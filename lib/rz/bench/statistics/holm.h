#pragma once

#include <span>
#include <vector>

namespace rz::bench {

/// The p of several tests, adjusted so that the chance of even one false alarm among them is what
/// it would be of a single test: of forty tests at 5 %, two would give one (Holm 1979). In the
/// order of `p`.
std::vector<double> holm(std::span<const double> p);

}  // namespace rz::bench
