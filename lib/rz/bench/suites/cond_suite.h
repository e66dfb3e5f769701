#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::bench {

/// `cond/parse`, `cond/evaluate` and, for each of many rows, `cond/columns`, of the condition
/// `severity >= 0.8 and recurrence_count >= 2`.
std::vector<Benchmark> cond_suite();

}  // namespace rz::bench
