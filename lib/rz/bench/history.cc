#include "rz/bench/history.h"

#include <algorithm>
#include <cstddef>

#include "rz/base/text.h"
#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

/// Of rounds of as many samples as all of the runs have.
double level_of(const Measurement& one, std::size_t per_round) {
  if (one.samples.empty()) return one.moments->mean;
  std::vector<double> rounds = least_of_rounds(one, per_round);
  return median_of(rounds);
}

const Measurement* find_measurement(const BenchRun& run, const Measurement& like) {
  for (const Measurement& one : run.measurements) {
    const bool has_figures = !one.samples.empty() || one.moments;
    if (one.name == like.name && one.unit == like.unit && has_figures) return &one;
  }
  return nullptr;
}

std::size_t fewest_per_round(const std::vector<BenchRun>& runs, const Measurement& like) {
  std::size_t fewest = like.per_round;
  for (const BenchRun& run : runs) {
    const Measurement* one = find_measurement(run, like);
    if (one != nullptr && !one->samples.empty()) fewest = std::min(fewest, one->per_round);
  }
  return fewest;
}

BenchmarkHistory follow_benchmark(const std::vector<BenchRun>& runs, const Measurement& newest) {
  BenchmarkHistory history{.name = newest.name, .unit = newest.unit};
  const std::size_t per_round = fewest_per_round(runs, newest);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Measurement* one = find_measurement(runs[i], newest);
    if (one == nullptr) continue;
    const double level = level_of(*one, per_round);
    // It has no logarithm, and takes no part in ratios.
    if (level <= 0) continue;
    history.runs.push_back(i);
    history.medians.push_back(level);
  }
  history.changes = find_change_points(history.medians);
  history.noise = learn_noise(history.medians, history.changes);
  return history;
}

}  // namespace

Result<RunHistory> follow_runs(std::vector<BenchRun> runs) {
  if (runs.size() < 2) {
    return fail(ErrorCode::invalid_argument, "a history is of two runs at least");
  }
  for (const BenchRun& run : runs) {
    if (run.counter == runs.front().counter) continue;
    return fail(ErrorCode::invalid_argument,
                printable("counts " + run.counter + ", and " + runs.front().name + " " +
                          runs.front().counter),
                run.name);
  }
  const auto has_time = [](const BenchRun& run) { return run.timestamp.has_value(); };
  if (std::all_of(runs.begin(), runs.end(), has_time)) {
    std::stable_sort(runs.begin(), runs.end(), [](const BenchRun& a, const BenchRun& b) {
      return *a.timestamp < *b.timestamp;
    });
  }
  RunHistory history{.runs = std::move(runs)};
  const BenchRun& newest = history.runs.back();
  for (const Measurement& one : newest.measurements) {
    if (find_measurement(newest, one) == nullptr) continue;
    history.benchmarks.push_back(follow_benchmark(history.runs, one));
  }
  history.differences = machine_differences(history.runs.front().machine, newest.machine);
  return history;
}

BenchRun with_noise(const RunHistory& history) {
  BenchRun run = history.runs.back();
  for (const BenchmarkHistory& followed : history.benchmarks) {
    for (Measurement& one : run.measurements) {
      if (one.name == followed.name) one.noise = followed.noise;
    }
  }
  return run;
}

}  // namespace rz::bench
