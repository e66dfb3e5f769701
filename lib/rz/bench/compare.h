#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/limits.h"
#include "rz/bench/machine.h"
#include "rz/bench/saved_run.h"
#include "rz/bench/statistics/summary.h"

namespace rz::bench {

/// What can be said of a benchmark beside its baseline.
enum class Verdict { faster, same, slower, inconclusive };
const char* to_string(Verdict verdict);

/// What is to be done about a slowdown.
enum class Severity { none, warning, failure };
const char* to_string(Severity severity);

/// A benchmark now, and in the baseline.
struct BenchmarkChange {
  std::string name;
  std::string unit;
  double before = 0;  ///< Median of the least samples of the rounds; without samples the mean.
  double now = 0;
  double ratio = 1;                    ///< Of the two; above 1 is slower.
  Interval interval{};                 ///< In which the true ratio lies, at 99 %.
  std::optional<double> p{};           ///< Nothing for instructions, which are counted.
  std::optional<double> p_adjusted{};  ///< For the number of benchmarks (Holm).
  double effect = 0;                   ///< Hedges' g.
  std::optional<double> noise{};       ///< Measurement::noise of the baseline.
  /// By what factors the machine itself may have changed it: at most the first times as fast, at
  /// most the second times as slow. 1 where enough rounds of both runs were undisturbed, which are
  /// then those that were compared.
  Interval machine{1, 1};
  /// The same of what it waits for, as a disk. 1 where it waits for nothing.
  Interval waits{1, 1};
  Verdict verdict = Verdict::inconclusive;
  Severity severity = Severity::none;
  std::string why{};       ///< Why it is inconclusive; empty: it is not.
  std::size_t needed = 0;  ///< How many rounds would tell; 0: not known, or there are enough.
};

/// From where on the drift of a reference is more than the reference's own noise.
inline constexpr double kMuchDrift = 0.05;

/// How fast the machine itself was, as the benchmarks `reference/…` show, which use nothing of rz.
struct MachineDrift {
  std::string name;
  /// Of their times at the machine's best, a round in ten; above 1: the machine is slower now. What
  /// disturbs single rounds is told by probes.
  double ratio = 1;
  bool is_much() const { return ratio > 1 + kMuchDrift || ratio < 1 / (1 + kMuchDrift); }
};

/// A run beside its baseline.
struct Comparison {
  std::string baseline{};  ///< Its file, or the program that was measured in turn.
  std::string baseline_program{};
  Limits limits{};
  std::vector<MachineDifference> differences{};
  bool other_machine = false;  ///< Nothing can be told from times: all of them are inconclusive.
  /// Nothing tells how fast the machine of the baseline was, as in files of other programs: what is
  /// slower may be the machine.
  bool unknown_machine = false;
  std::vector<MachineDrift> drifts{};
  std::vector<BenchmarkChange> changes{};
  std::vector<std::string> only_before{};
  std::vector<std::string> only_now{};
  double geometric_mean = 1;  ///< Of the ratios.

  std::size_t count(Verdict verdict) const;
  std::size_t count(Severity severity) const;
};

/// Compares the benchmarks that both runs have, by name.
///
/// Rounds in which the machine was slower than at its best are left out, as the probes of both runs
/// show, if eight of each run are left. Slower (or faster) is what a Mann-Whitney test says at 5 %,
/// corrected for the number of benchmarks, if also the whole interval of the ratio is beyond 1 %.
/// It is a warning or a failure if the whole interval is past that limit, after what the machine
/// itself, and what the benchmark waits for, may have changed is taken off, and the ratio is beyond
/// the benchmark's own noise. The
/// same is what lies within warn_above with its whole interval. All else is inconclusive, and says
/// how many rounds would tell.
///
/// Errors: invalid_argument (the runs count different things, or in different ways, or share no
/// benchmark).
Result<Comparison> compare(const BenchRun& before, const BenchRun& now, const Limits& limits);

}  // namespace rz::bench
