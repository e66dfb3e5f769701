#pragma once

#include <string>
#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::suites {

/// `start/NAME` for each command of rz: the whole process of its help. `start/cond_eval`: that of
/// `rz cond eval` with two variables. `rz` is the dispatcher's path.
std::vector<bench::Benchmark> start_suite(const std::string& rz);

}  // namespace rz::suites
