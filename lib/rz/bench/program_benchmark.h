#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/bench/measurement.h"
#include "rz/bench/program_runner.h"

namespace rz::bench {

/// What each run of a program used.
class ProgramUses {
 public:
  void add(const ProgramUse& use) { uses_.push_back(use); }
  /// Of the last `count` runs: what came before was the warm-up.
  ProgramUse summary(std::size_t count) const;

 private:
  std::vector<ProgramUse> uses_;
};

/// The whole of a process, from its start to its end: an iteration is a run. `uses`, which may be
/// null, gets an entry for each.
/// Errors of the operation, and of what prepares a sample: those of ProgramRunner::run().
Benchmark program_benchmark(ProgramOptions options, std::shared_ptr<ProgramUses> uses = nullptr);

}  // namespace rz::bench
