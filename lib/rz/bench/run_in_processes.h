#pragma once

#include <vector>

#include "rz/bench/run_benchmarks.h"

namespace rz::bench {

/// Of a run that is saved or compared. A place that is bad in one process of ten is then that of
/// most of them in one run of a hundred.
inline constexpr int kProcesses = 5;

/// As run_benchmarks(), with the rounds shared out among several processes, one after the other: in
/// which pages of memory, and at which distances, its data happen to lie makes a benchmark faster
/// or slower by up to a half for as long as a process lives, so that of one process nobody can tell
/// whether the program is slower or its place. The medians are then of all processes.
///
/// Each is a copy of this process, which may have no other thread. It stops when `options.stop`
/// says so, here or there, and ends with this process. The counter must count for the process that
/// reads it: null or cpu_counter(). What the benchmarks note elsewhere is lost.
std::vector<Measurement> run_in_processes(const std::vector<Benchmark>& benchmarks,
                                          const BenchOptions& options, int processes, Clock& clock);

}  // namespace rz::bench
