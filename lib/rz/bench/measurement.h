#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/statistics/student_t.h"

namespace rz::bench {

inline constexpr std::string_view kNanoseconds = "ns";
inline constexpr std::string_view kInstructions = "instructions";

/// What runs of a program used beside time: means over its runs, since the system may count in
/// steps of milliseconds, of which most short runs have none.
struct ProgramUse {
  double user_ns = 0;
  double system_ns = 0;
  std::int64_t peak_memory = 0;  ///< Bytes; the greatest of all runs.
  /// The program had no more than that, and nobody knows how much less: a process begins with the
  /// peak of the one that started it.
  bool peak_is_bound = false;
};

/// The result of one benchmark.
struct Measurement {
  std::string name;
  std::string unit{kNanoseconds};  ///< Of the samples, for one iteration.
  std::uint64_t iterations = 0;    ///< Of each sample.
  std::size_t per_round = 1;       ///< How many samples were taken one after the other.
  std::vector<double> samples{};   ///< In the order in which they were taken.
  /// How long the machine took for a fixed piece of work in each round (probe_machine); empty: not
  /// known.
  std::vector<double> probes{};
  /// The same of what it waits for, as a disk: two of each round. Empty: it waits for nothing.
  std::vector<double> wait_probes{};
  /// How many of the rounds each process made, one after the other; empty: one made all of them.
  std::vector<std::size_t> process_rounds{};
  /// Of a file that does not keep samples: what it says of them. Then `samples` is empty.
  std::optional<Moments> moments{};
  /// By how much it differs from run to run where nothing has changed, as a fraction; learnt from
  /// earlier runs (learn_noise).
  std::optional<double> noise{};
  std::optional<ProgramUse> use{};
  std::optional<Error> error{};  ///< Why it ended early; the samples until then stand.
};

/// Whether the machine was about as fast as at its best, of which `best` is the probe.
inline bool is_undisturbed(double probe, double best) { return probe <= best * 1.05; }

/// The probe of the machine at its best: that of a round in twenty, since a single one may be a
/// moment that never returns. 0 if there are none.
double best_probe(const Measurement& measurement);

/// The least sample of each round. What else runs on a machine makes some samples longer, and none
/// shorter, so this is what comparisons are made of. Of each round the first `at_most` samples:
/// the least is the lower, the more there are, so that two runs are compared by as many of each.
std::vector<double> least_of_rounds(const Measurement& measurement,
                                    std::size_t at_most = std::numeric_limits<std::size_t>::max());

/// The median sample of each round: for a comparison with rounds of one sample, which know no
/// least.
std::vector<double> medians_of_rounds(const Measurement& measurement);

}  // namespace rz::bench
