#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// `config/load_empty`, and `config/load_200`: a configuration with 200 checks.
std::vector<bench::Benchmark> config_suite();

}  // namespace rz::suites
