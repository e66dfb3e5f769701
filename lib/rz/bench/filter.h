#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/benchmark.h"

namespace rz::bench {

/// The benchmarks whose name has a match of `pattern`, an extended regular expression of POSIX, in
/// their order; all of them for an empty pattern. Errors: invalid_argument (the pattern is wrong,
/// or longer than 256 bytes), not_found (nothing matches), with the nearest name.
Result<std::vector<Benchmark>> filter_benchmarks(std::vector<Benchmark> all,
                                                 const std::string& pattern);

}  // namespace rz::bench
