#pragma once

#include <string>
#include <vector>

#include "rz/base/value.h"
#include "rz/bench/run_benchmarks.h"

namespace rz::reports {

/// A run of benchmarks. A report leaves out those without samples; JSON names those that failed.
struct BenchReport {
  std::vector<bench::Measurement> measurements;
  Value machine = Value::object();  ///< What it ran on (bench::machine_fingerprint).
};

/// The benchmarks that there are.
struct BenchList {
  std::vector<std::string> names;
};

/// A time for people, with three significant digits: `4.12 ns`, `20.3 µs`, `1.20 s`.
std::string humanize_nanoseconds(double nanoseconds);

/// Operations a second for people: `243 M/s`, `49.3 k/s`, `12.0 /s`.
std::string humanize_rate(double per_second);

}  // namespace rz::reports
