#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// `health/write_state` and `health/read_state`: the comprehensive state of a hundred components as
/// JSON, written and read. `health/run_checks`: a run of fifty checks that answer at once.
std::vector<bench::Benchmark> health_suite();

}  // namespace rz::suites
