#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/bench/measurement.h"

namespace rz::bench {

inline constexpr std::string_view kByProcessor = "processor";
inline constexpr std::string_view kByValgrind = "valgrind";

/// A run of benchmarks, as --save keeps it and --compare reads it.
struct BenchRun {
  std::string name{};                    ///< The file that it was read from.
  std::string program = "rz";            ///< What measured: `rz`, or whose file it is.
  std::optional<TimePoint> timestamp{};  ///< When it began.
  std::string commit{};                  ///< Of the working folder; empty: not known.
  std::string counter = "time";          ///< `time`, `cpu` or `instructions`.
  /// Instructions: kByProcessor or kByValgrind, which do not count alike. Empty: not known.
  std::string counted_by{};
  Value machine = Value::object();     ///< machine_fingerprint().
  Value conditions = Value::object();  ///< MachineWatch::conditions().
  std::vector<Measurement> measurements{};
};

/// The probe of the machine at its best in any benchmark of the run; 0 if it has none.
double best_probe(const BenchRun& run);

/// The document of a run, `rz.bench/1`, whose name is left out.
Value to_value(const BenchRun& run);

/// Reads that document, or a file of pytest-benchmark (`--benchmark-json`), Google Benchmark
/// (`--benchmark_format=json`) or hyperfine (`--export-json`); which of them is seen from its
/// members. Of theirs only names and times are taken. `where` names the source.
/// Errors: parse, with the place; a benchmark without a name, without figures, with a figure below
/// 0 or beyond all measure, or there twice, is one.
Result<BenchRun> parse_run(std::string_view text, const std::string& where);

/// The same of a document that has been parsed already.
Result<BenchRun> run_from(const Value& document, const std::string& where);

/// The same of a file, 256 MiB at most.
/// Errors: as read_file() and parse_run().
Result<BenchRun> read_run(const std::string& path);

}  // namespace rz::bench
