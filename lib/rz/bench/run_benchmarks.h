#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/bench/benchmark.h"
#include "rz/bench/counter.h"
#include "rz/bench/measurement.h"

namespace rz::bench {

/// How far a run of benchmarks is.
struct RunProgress {
  std::string name;       ///< The benchmark that is next.
  int round = 0;          ///< From 1; 0: it is being prepared.
  int rounds = 0;         ///< That were asked for; there may be more, to fill the least time.
  std::size_t index = 0;  ///< Of that benchmark.
  std::size_t count = 0;  ///< Of all benchmarks.
};

/// What a sample and a round are made of.
struct Batch {
  std::uint64_t iterations = 0;
  std::size_t per_round = 1;
};

/// Those of a run that was kept, by name. What is compared with it should be measured like it: the
/// least of a round is the lower, the more samples a round has.
std::map<std::string, Batch> batches_of(const std::vector<Measurement>& measurements);

/// How long and how often each benchmark is measured.
struct BenchOptions {
  int rounds = 30;  ///< At least.
  /// The time of one sample: long enough that the cost of reading the clock does not matter, and so
  /// short that many samples are over before another program gets the processor.
  std::chrono::nanoseconds sample_time = std::chrono::milliseconds(1);
  /// Of the samples of one benchmark in one round; there is always one.
  std::chrono::nanoseconds round_time = std::chrono::milliseconds(8);
  /// Before the first sample, so that caches, branch predictors and the processor's frequency
  /// settle.
  std::chrono::nanoseconds warm_up = std::chrono::milliseconds(50);
  /// So many runs in place of that time; nothing: by the time.
  std::optional<std::uint64_t> warm_up_runs{};
  /// Of all samples of one benchmark: rounds are added until they have taken so long.
  std::chrono::nanoseconds min_time{0};
  /// Of all samples of one benchmark. After it no further round begins, so that an operation that
  /// takes seconds ends within minutes. There is always one round.
  std::chrono::nanoseconds time_limit = std::chrono::seconds(10);
  /// What tells how fast the machine is (probe_machine), before and after each round; null:
  /// nothing.
  std::function<double()> probe{};
  /// How often this process had to make way for others so far (interruptions); null: not known. A
  /// round in which that happened to every sample of a few milliseconds counts as one on a machine
  /// that is ten times as slow.
  std::function<std::int64_t()> interruptions{};
  /// The probe of the machine at its best, as far as it is known; 0: it is not.
  double known_best_probe = 0;
  /// How many rounds of each benchmark the machine should not be disturbed in. Rounds are added
  /// until then, for at most `patience` in all.
  int undisturbed = 10;
  std::chrono::nanoseconds patience{0};
  /// By name: those of an earlier run that this one is to be like. Others are calibrated, and so is
  /// what takes so much longer now that they no longer fit.
  std::map<std::string, Batch> batches{};
  /// What is counted; null: the time of the clock.
  Counter* counter = nullptr;
  /// Asked before each step; true ends the run after the round that is under way.
  std::function<bool(const RunProgress&)> stop = [](const RunProgress&) { return false; };
};

/// Runs all benchmarks in rounds: some samples of each, then the next of each, so that a machine
/// that becomes slower meanwhile affects all of them alike. One that fails is left out of further
/// rounds. The result has one entry for each of `benchmarks`, in their order.
std::vector<Measurement> run_benchmarks(const std::vector<Benchmark>& benchmarks,
                                        const BenchOptions& options, Clock& clock);

}  // namespace rz::bench
