#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/machine.h"
#include "rz/bench/saved_run.h"
#include "rz/bench/statistics/change_points.h"

namespace rz::bench {

/// One benchmark over saved runs.
struct BenchmarkHistory {
  std::string name;
  std::string unit;
  std::vector<std::size_t> runs{};  ///< Which of the runs have it.
  std::vector<double> medians{};    ///< Of the least samples of the rounds, or the mean, for each.
  std::vector<ChangePoint> changes{};
  std::optional<double> noise{};  ///< learn_noise().
};

/// How runs follow each other: by their time, or as they were given if one of them has none.
struct RunHistory {
  std::vector<BenchRun> runs{};
  std::vector<BenchmarkHistory> benchmarks{};    ///< In the order in which the newest run has them.
  std::vector<MachineDifference> differences{};  ///< Of the first and the last machine.
};

/// Errors: invalid_argument (fewer than two runs, or they count different things).
Result<RunHistory> follow_runs(std::vector<BenchRun> runs);

/// The newest run, with what the history has taught of each benchmark's noise: a baseline.
BenchRun with_noise(const RunHistory& history);

}  // namespace rz::bench
