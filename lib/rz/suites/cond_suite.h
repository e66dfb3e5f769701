#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// Of the condition `severity >= 0.8 and recurrence_count >= 2`: `cond/parse`, `cond/evaluate`, for
/// each of many rows `cond/columns`, and for each record that is read and judged
/// `cond/filter_ndjson` and `cond/filter_csv`.
std::vector<bench::Benchmark> cond_suite();

}  // namespace rz::suites
