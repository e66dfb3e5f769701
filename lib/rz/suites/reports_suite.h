#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// `reports/health_FORMAT` for each format of the report of a hundred checks, and
/// `reports/transitions_FORMAT` for each record of a list of transitions.
std::vector<bench::Benchmark> reports_suite();

}  // namespace rz::suites
