#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/bench/benchmark.h"

namespace rz::bench {

/// How long and how often each benchmark is measured.
struct BenchOptions {
  int samples = 30;  ///< How many for each benchmark.
  /// The time of one sample: long enough that the cost of reading the clock does not matter, short
  /// enough for many samples.
  std::chrono::nanoseconds sample_time = std::chrono::milliseconds(10);
  /// Before the first sample, so that caches, branch predictors and the processor's frequency
  /// settle.
  std::chrono::nanoseconds warm_up = std::chrono::milliseconds(50);
  /// Of all samples of one benchmark. After it no further sample begins, so that an operation that
  /// takes seconds ends within minutes. There is always one sample.
  std::chrono::nanoseconds time_limit = std::chrono::seconds(10);
  /// Asked between samples; true ends the run after the round that is under way.
  std::function<bool()> stop = [] { return false; };
};

/// The result of one benchmark.
struct Measurement {
  std::string name;
  std::uint64_t iterations = 0;  ///< Of each sample.
  std::vector<double> samples;   ///< Nanoseconds an iteration, in the order they were taken.
  std::optional<Error> error;    ///< Why it ended early; the samples until then stand.
};

/// Runs all benchmarks in rounds: one sample of each, then the next of each, so that a machine that
/// becomes slower meanwhile affects all of them alike. One that fails is left out of further
/// rounds. The result has one entry for each of `benchmarks`, in their order.
std::vector<Measurement> run_benchmarks(const std::vector<Benchmark>& benchmarks,
                                        const BenchOptions& options, Clock& clock);

}  // namespace rz::bench
