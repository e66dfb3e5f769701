#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/benchmark.h"
#include "rz/bench/measurement.h"

namespace rz::bench {

/// A program to measure. It never passes through a shell.
struct ProgramOptions {
  std::string name{};               ///< Of the benchmark.
  std::vector<std::string> argv{};  ///< The program is looked for on PATH.
  std::vector<std::pair<std::string, std::string>> environment{};  ///< Added to the inherited one.
  std::vector<std::string> prepare{};  ///< Run before each sample, not measured; empty: nothing.
  std::string input = "/dev/null";     ///< The file that is its standard input.
  bool show_output = false;            ///< Otherwise its output goes to /dev/null.
  bool any_exit_code = false;          ///< Otherwise one that is not 0 ends the measuring.
};

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
/// Errors of the operation: not_found (no such program), unavailable (it cannot be run, or ended
/// badly).
Benchmark program_benchmark(ProgramOptions options, std::shared_ptr<ProgramUses> uses = nullptr);

}  // namespace rz::bench
