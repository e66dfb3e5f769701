#include "rz/bench/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rz/base/text.h"
#include "rz/bench/statistics/bootstrap.h"
#include "rz/bench/statistics/holm.h"
#include "rz/bench/statistics/mann_whitney.h"
#include "rz/bench/statistics/student_t.h"

namespace rz::bench {
namespace {

constexpr double kAlpha = 0.05;
constexpr double kConfidence = 0.99;
// A smaller difference is of no interest to anybody, and another build's layout alone can make it.
constexpr double kLeastEffect = 0.01;
constexpr double kMaxNeeded = 10'000;
// Fewer rounds, of many benchmarks, could not differ significantly.
constexpr std::size_t kLeastUndisturbed = 8;
// The share of probes at either end that are left out of what the machine may have done.
constexpr double kFew = 0.1;
constexpr std::string_view kReference = "reference/";

bool is_reference(const Measurement& one) { return one.name.starts_with(kReference); }

/// The figures of both sides, as far as they are there.
struct Sides {
  std::vector<double> before_rounds;
  std::vector<double> now_rounds;
  ProcessSamples before_processes{};  ///< The same rounds.
  ProcessSamples now_processes{};

  bool has_samples() const { return !before_rounds.empty() && !now_rounds.empty(); }
};

Moments known_moments(const Measurement& one) {
  return one.moments ? *one.moments : moments_of(one.samples);
}

bool all_positive(const std::vector<double>& figures) {
  return std::all_of(figures.begin(), figures.end(), [](double figure) { return figure > 0; });
}

void be_inconclusive(BenchmarkChange& change, std::string why, std::size_t needed = 0) {
  change.verdict = Verdict::inconclusive;
  change.why = std::move(why);
  change.needed = needed;
}

std::string rounds_needed(std::size_t count) {
  return fmt::format("needs at least {} rounds", count);
}

double median_of_copy(std::vector<double> samples) { return median_of(samples); }

// ---- What the figures say

/// By samples: the ratio of medians.
void weigh_samples(const Sides& sides, BenchmarkChange& change) {
  change.before = median_of_copy(sides.before_rounds);
  change.now = median_of_copy(sides.now_rounds);
  change.ratio = change.now / change.before;
  change.interval = median_ratio_interval(sides.before_rounds, sides.now_rounds, kConfidence);
  // What one process alone shows is no difference between the runs.
  if (const auto wider =
          process_ratio_interval(sides.before_processes, sides.now_processes, kConfidence)) {
    change.interval = {std::min(change.interval.low, wider->low),
                       std::max(change.interval.high, wider->high)};
  }
  change.p = mann_whitney(sides.before_rounds, sides.now_rounds).p;
  if (sides.before_rounds.size() < 2 || sides.now_rounds.size() < 2) return;
  change.effect = hedges_g(moments_of(sides.before_rounds), moments_of(sides.now_rounds));
}

/// By what a file says of its samples: the ratio of means, whose logarithm is taken as normal.
void weigh_moments(const Moments& before, const Moments& now, BenchmarkChange& change) {
  change.before = before.mean;
  change.now = now.mean;
  change.ratio = now.mean / before.mean;
  change.interval = {0, change.ratio * 1e6};
  if (before.count < 2 || now.count < 2) return be_inconclusive(change, rounds_needed(2), 2);
  const WelchTest test = welch(before, now);
  const auto relative = [](const Moments& m) {
    return m.stddev * m.stddev / (m.mean * m.mean * static_cast<double>(m.count));
  };
  const double half = t_quantile(kConfidence, std::max(1.0, test.freedom)) *
                      std::sqrt(relative(before) + relative(now));
  change.interval = {change.ratio * std::exp(-half), change.ratio * std::exp(half)};
  change.p = test.p;
  change.effect = hedges_g(before, now);
}

/// Counted instructions: whatever both sides could have been.
void weigh_counts(const Sides& sides, BenchmarkChange& change) {
  change.before = median_of_copy(sides.before_rounds);
  change.now = median_of_copy(sides.now_rounds);
  change.ratio = change.now / change.before;
  const auto before = std::minmax_element(sides.before_rounds.begin(), sides.before_rounds.end());
  const auto now = std::minmax_element(sides.now_rounds.begin(), sides.now_rounds.end());
  change.interval = {*now.first / *before.second, *now.second / *before.first};
}

/// Of `rounds` those in which the machine was at its best, if `best` is not 0, by the processes
/// that made them.
ProcessSamples by_process(const std::vector<double>& rounds, const Measurement& of, double best) {
  ProcessSamples processes;
  std::size_t at = 0;
  for (const std::size_t count : of.process_rounds) {
    processes.emplace_back();
    for (const std::size_t end = at + count; at < end && at < rounds.size(); ++at) {
      const bool probed = at < of.probes.size();
      if (best == 0 || (probed && is_undisturbed(of.probes[at], best))) {
        processes.back().push_back(rounds[at]);
      }
    }
  }
  return processes;
}

/// Of `rounds` those in which the machine was at its best.
std::vector<double> undisturbed(const std::vector<double>& rounds, const Measurement& of,
                                double best) {
  std::vector<double> chosen;
  for (std::size_t i = 0; i < std::min(rounds.size(), of.probes.size()); ++i) {
    if (is_undisturbed(of.probes[i], best)) chosen.push_back(rounds[i]);
  }
  return chosen;
}

std::vector<double> sorted_copy(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return figures;
}

/// Between which factors what was probed was slower now than before: nearly all probes of each run
/// weighed against nearly all of the other.
Interval factors_of(const std::vector<double>& before, const std::vector<double>& now) {
  const std::vector<double> then = sorted_copy(before);
  const std::vector<double> today = sorted_copy(now);
  return {std::min(1.0, percentile(today, kFew) / percentile(then, 1 - kFew)),
          std::max(1.0, percentile(today, 1 - kFew) / percentile(then, kFew))};
}

/// How much nearly all of the figures differ.
double spread_of(const std::vector<double>& figures) {
  const std::vector<double> sorted = sorted_copy(figures);
  return sorted.empty() ? 1 : percentile(sorted, 1 - kFew) / percentile(sorted, kFew);
}

/// Leaves out the rounds in which something else held the machine up; if too few are left, all
/// stay, and what the machine may have done is told.
void leave_out_disturbed(const Measurement& before, const Measurement& now, Sides& sides,
                         Interval& machine) {
  if (before.probes.empty() || now.probes.empty() || !sides.has_samples()) return;
  const double best = std::min(best_probe(before), best_probe(now));
  std::vector<double> of_before = undisturbed(sides.before_rounds, before, best);
  std::vector<double> of_now = undisturbed(sides.now_rounds, now, best);
  if (std::min(of_before.size(), of_now.size()) >= kLeastUndisturbed) {
    ProcessSamples before_processes = by_process(sides.before_rounds, before, best);
    ProcessSamples now_processes = by_process(sides.now_rounds, now, best);
    sides = {std::move(of_before), std::move(of_now), std::move(before_processes),
             std::move(now_processes)};
  } else {
    machine = factors_of(before.probes, now.probes);
  }
}

/// Whether nothing tells how fast the machine was when `before` was measured. Instructions do not
/// depend on it.
bool is_of_unknown_machine(const Measurement& before) {
  return before.probes.empty() && before.unit != kInstructions;
}

/// Beside a baseline of an unknown machine: what the probes of this run alone tell of it.
void leave_out_disturbed_now(const Measurement& now, Sides& sides, Interval& machine) {
  std::vector<double> chosen = undisturbed(sides.now_rounds, now, best_probe(now));
  if (chosen.size() >= kLeastUndisturbed) {
    sides.now_rounds = std::move(chosen);
    sides.now_processes.clear();
  } else {
    machine.high = spread_of(now.probes);
  }
}

/// What it waits for may have been faster or slower, too.
void weigh_waits(const Measurement& before, const Measurement& now, BenchmarkChange& change) {
  if (before.wait_probes.empty() && now.wait_probes.empty()) return;
  if (before.wait_probes.empty() || now.wait_probes.empty()) {
    return be_inconclusive(change, "one of the runs does not tell how fast the disk was");
  }
  change.waits = factors_of(before.wait_probes, now.wait_probes);
}

BenchmarkChange weigh(const Measurement& before, const Measurement& now) {
  BenchmarkChange change{.name = now.name, .unit = now.unit, .noise = before.noise};
  // A round of one sample, as other programs have it, was not the least of several.
  const bool alike = (before.per_round > 1) == (now.per_round > 1);
  const auto rounds_of = [&, least_of = std::min(before.per_round, now.per_round)](auto& one) {
    return alike ? least_of_rounds(one, least_of) : medians_of_rounds(one);
  };
  Sides sides{rounds_of(before), rounds_of(now)};
  sides.before_processes = by_process(sides.before_rounds, before, 0);
  sides.now_processes = by_process(sides.now_rounds, now, 0);
  leave_out_disturbed(before, now, sides, change.machine);
  if (!all_positive(sides.before_rounds) || !all_positive(sides.now_rounds) ||
      known_moments(before).mean <= 0 || known_moments(now).mean <= 0) {
    be_inconclusive(change, "a figure of it is 0");
  } else if (now.unit == kInstructions && sides.has_samples()) {
    weigh_counts(sides, change);
  } else {
    if (is_of_unknown_machine(before)) leave_out_disturbed_now(now, sides, change.machine);
    if (sides.has_samples()) {
      weigh_samples(sides, change);
    } else {
      weigh_moments(known_moments(before), known_moments(now), change);
    }
    weigh_waits(before, now, change);
  }
  return change;
}

// ---- What follows from it

/// The rounds after which the interval would be narrow enough, if it narrows by the root of them.
std::size_t rounds_for_width(const BenchmarkChange& change, double warn, std::size_t rounds) {
  const double half = std::log(change.interval.high / change.interval.low) / 2;
  const double room = std::log1p(warn) - std::abs(std::log(change.ratio));
  // Just at the limit no number of rounds would tell.
  const double target = std::max(room, std::log1p(warn) / 4);
  const double needed = std::ceil(static_cast<double>(rounds) * half * half / (target * target));
  return needed < kMaxNeeded ? static_cast<std::size_t>(needed) : 0;
}

class Judge {
 public:
  Judge(const Comparison& comparison, std::size_t tests)
      : warn_(comparison.limits.warn_above / 100),
        fail_(comparison.limits.fail_above / 100),
        alpha_(kAlpha / static_cast<double>(std::max<std::size_t>(1, tests))) {
    for (const MachineDrift& drift : comparison.drifts) {
      if (!drift.is_much()) continue;
      slowest_ = std::max(slowest_, drift.ratio);
      fastest_ = std::min(fastest_, drift.ratio);
    }
  }

  void judge(const Measurement& before, const Measurement& now, BenchmarkChange& change) const {
    const std::size_t rounds =
        std::min(least_of_rounds(before).size(), least_of_rounds(now).size());
    if (rounds > 0 && change.p && smallest_p(rounds, rounds) > alpha_) {
      const std::size_t needed = samples_needed(alpha_);
      return be_inconclusive(change, rounds_needed(needed), needed);
    }
    // What the machine itself does now may be all of the difference, on either side.
    const Interval machine = machine_of(change);
    const double low = change.interval.low / machine.high;
    const double high = change.interval.high / machine.low;
    const bool differs = !change.p || *change.p_adjusted <= kAlpha;
    if (differs && low > 1 + kLeastEffect) {
      change.verdict = Verdict::slower;
      change.severity = severity(change, low);
    } else if (differs && high < 1 - kLeastEffect) {
      change.verdict = Verdict::faster;
    } else if (change.interval.low >= 1 / (1 + warn_) && change.interval.high <= 1 + warn_) {
      change.verdict = Verdict::same;
    } else {
      explain(change, rounds);
    }
  }

 private:
  Interval machine_of(const BenchmarkChange& change) const {
    if (change.unit == kInstructions) return {1, 1};
    return {std::min(fastest_, change.machine.low) * change.waits.low,
            std::max(slowest_, change.machine.high) * change.waits.high};
  }

  Severity severity(const BenchmarkChange& change, double low) const {
    if (change.noise && change.ratio <= 1 + *change.noise) return Severity::none;
    return low > 1 + fail_   ? Severity::failure
           : low > 1 + warn_ ? Severity::warning
                             : Severity::none;
  }

  void explain(BenchmarkChange& change, std::size_t rounds) const {
    const bool beyond = change.interval.low > 1 || change.interval.high < 1;
    const Interval machine = machine_of(change);
    if (beyond && (machine.high > 1 + kLeastEffect || machine.low < 1 - kLeastEffect)) {
      return be_inconclusive(change, change.waits == Interval{1, 1}
                                         ? "the machine itself may have changed as much"
                                         : "the machine or its disk may have changed as much");
    }
    const std::size_t needed = rounds == 0 ? 0 : rounds_for_width(change, warn_, rounds);
    be_inconclusive(change,
                    needed > rounds ? fmt::format("needs about {} rounds", needed)
                                    : "it is at the limit of what can be told",
                    needed > rounds ? needed : 0);
  }

  double warn_;
  double fail_;
  double alpha_;
  double slowest_ = 1;
  double fastest_ = 1;
};

// ---- The whole comparison

std::map<std::string, const Measurement*> by_name(const BenchRun& run) {
  std::map<std::string, const Measurement*> named;
  for (const Measurement& one : run.measurements) {
    if (!one.samples.empty() || one.moments) named.emplace(one.name, &one);
  }
  return named;
}

using Pairs = std::vector<std::pair<const Measurement*, const Measurement*>>;

/// Of a reference, as the machine was at its best.
MachineDrift drift_of(const Measurement& before, const Measurement& now) {
  const std::size_t least_of = std::min(before.per_round, now.per_round);
  const std::vector<double> then = sorted_copy(least_of_rounds(before, least_of));
  const std::vector<double> today = sorted_copy(least_of_rounds(now, least_of));
  const double best = percentile(then, kFew);
  return {now.name, best > 0 ? percentile(today, kFew) / best : 1};
}

/// Those of both runs, in the order of the run that is now.
Pairs pair_up(const BenchRun& before, const BenchRun& now, Comparison& comparison) {
  auto earlier = by_name(before);
  Pairs pairs;
  for (const Measurement& one : now.measurements) {
    if (one.samples.empty() && !one.moments) continue;
    const auto found = earlier.find(one.name);
    if (found != earlier.end() && found->second->unit == one.unit) {
      pairs.emplace_back(found->second, &one);
      earlier.erase(found);
    } else if (!is_reference(one)) {
      comparison.only_now.push_back(one.name);
    }
  }
  for (const auto& one : earlier) {
    if (!is_reference(*one.second)) comparison.only_before.push_back(one.first);
  }
  return pairs;
}

void adjust_for_number(std::vector<BenchmarkChange>& changes) {
  std::vector<double> p;
  for (const BenchmarkChange& change : changes) {
    if (change.p) p.push_back(*change.p);
  }
  const std::vector<double> adjusted = holm(p);
  std::size_t next = 0;
  for (BenchmarkChange& change : changes) {
    if (change.p) change.p_adjusted = adjusted[next++];
  }
}

void judge_all(const Pairs& pairs, Comparison& comparison) {
  std::vector<BenchmarkChange>& changes = comparison.changes;
  adjust_for_number(changes);
  const auto tests = std::count_if(changes.begin(), changes.end(),
                                   [](const BenchmarkChange& change) { return change.p; });
  const Judge judge(comparison, static_cast<std::size_t>(tests));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!changes[i].why.empty()) continue;
    if (comparison.other_machine && changes[i].unit != kInstructions) {
      be_inconclusive(changes[i], "measured on another machine");
    } else {
      judge.judge(*pairs[i].first, *pairs[i].second, changes[i]);
    }
  }
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster: return "faster";
    case Verdict::same: return "same";
    case Verdict::slower: return "slower";
    case Verdict::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::none: return "none";
    case Severity::warning: return "warning";
    case Severity::failure: return "failure";
  }
  return "none";
}

std::size_t Comparison::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const BenchmarkChange& change) { return change.verdict == verdict; }));
}

std::size_t Comparison::count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const BenchmarkChange& change) { return change.severity == severity; }));
}

Result<Comparison> compare(const BenchRun& before, const BenchRun& now, const Limits& limits) {
  if (before.counter != now.counter) {
    return fail(ErrorCode::invalid_argument,
                printable("counts " + before.counter + ", and this run " + now.counter +
                          "; measure with --counter " + before.counter),
                before.name);
  }
  if (!before.counted_by.empty() && !now.counted_by.empty() &&
      before.counted_by != now.counted_by) {
    return fail(
        ErrorCode::invalid_argument,
        printable("its instructions were counted by " + before.counted_by +
                  ", and those of this run by " + now.counted_by + ", which does not count alike"),
        before.name);
  }
  Comparison comparison{.baseline = before.name,
                        .baseline_program = before.program,
                        .limits = limits,
                        .differences = machine_differences(before.machine, now.machine)};
  comparison.other_machine =
      std::any_of(comparison.differences.begin(), comparison.differences.end(),
                  [](const MachineDifference& difference) { return difference.incomparable; });
  Pairs pairs;
  for (const auto& pair : pair_up(before, now, comparison)) {
    if (is_reference(*pair.second)) {
      comparison.drifts.push_back(drift_of(*pair.first, *pair.second));
      continue;
    }
    pairs.push_back(pair);
    comparison.changes.push_back(weigh(*pair.first, *pair.second));
    if (is_of_unknown_machine(*pair.first)) comparison.unknown_machine = true;
  }
  if (pairs.empty()) {
    return fail(ErrorCode::invalid_argument, "has none of the benchmarks of this run", before.name);
  }
  judge_all(pairs, comparison);
  std::vector<double> ratios;
  for (const BenchmarkChange& change : comparison.changes) ratios.push_back(change.ratio);
  comparison.geometric_mean = geometric_mean(ratios);
  return comparison;
}

}  // namespace rz::bench
