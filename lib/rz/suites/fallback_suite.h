#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// On a health state of ten components, in the in-memory store:
/// `fallback/decide`: the default policy alone; `fallback/cascade`: a whole evaluation that finds
/// the mode as it should be, as most do; `fallback/transition`: one that changes the mode each
/// time.
std::vector<bench::Benchmark> fallback_suite();

}  // namespace rz::suites
