#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/bench/compare.h"
#include "rz/bench/history.h"
#include "rz/bench/saved_run.h"

namespace rz::reports {

/// A run of benchmarks, and what it shows beside a baseline. A report leaves out those without
/// figures; JSON names those that failed.
struct BenchReport {
  bench::BenchRun run;
  std::optional<bench::Comparison> comparison{};
  /// Why the answer is that nothing can be told, or was not kept. Formats for people leave it out:
  /// it stands on standard error.
  std::optional<Error> error{};
};

/// The benchmarks that there are.
struct BenchList {
  std::vector<std::string> names;
};

/// Saved runs, one after the other.
struct BenchHistory {
  bench::RunHistory history;
};

/// A time for people, with three significant digits: `4.12 ns`, `20.3 µs`, `1.20 s`.
std::string humanize_nanoseconds(double nanoseconds);

/// Operations a second for people: `243 M/s`, `49.3 k/s`, `12.0 /s`.
std::string humanize_rate(double per_second);

/// The operations a second of one that takes so long; `-` where the unit is not one of time.
std::string describe_rate(double time, std::string_view unit);

/// A figure in its unit: a time, or `129 k` instructions.
std::string humanize_figure(double value, std::string_view unit);

/// A share of a whole for people: `±3%`; `±2.5e+17%` where so many digits would say nothing.
std::string spread_percent(double part, double whole);

/// How a ratio differs from 1: `+34.5%`, `-3.0%`, `+110%`, `+1.0e+08%`.
std::string signed_percent(double ratio);

/// The bounds of a ratio as such: `+31.0% to +37.9%`.
std::string describe(const bench::Interval& interval);

/// The verdict, and what makes it doubtful: `slower`, `inconclusive: needs at least 7 rounds`.
std::string describe_verdict(const bench::BenchmarkChange& change);

/// The slowdowns past a limit first, then the other changes by their size, then what is
/// inconclusive, then what is the same.
std::vector<bench::BenchmarkChange> most_telling_first(std::vector<bench::BenchmarkChange> changes);

/// `40 benchmarks: 1 slower, 37 same, 2 inconclusive; geometric mean +0.8%`.
std::string count_text(const bench::Comparison& comparison);

/// `+26.0% at FILE (commit)`: where a benchmark changed.
std::string describe_point(const bench::RunHistory& history,
                           const bench::BenchmarkHistory& benchmark,
                           const bench::ChangePoint& change);

}  // namespace rz::reports
