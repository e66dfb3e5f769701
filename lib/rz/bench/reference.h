#pragma once

#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::bench {

/// What shows how fast the machine itself is while other things are measured, and uses nothing of
/// rz: `reference/compute` (the work of probe_machine), `reference/cache` (dependent reads all
/// over 1 MiB), `reference/kernel` (the shortest system call).
std::vector<Benchmark> reference_benchmarks();

}  // namespace rz::bench
