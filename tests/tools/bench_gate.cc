// bench_gate save FILE | compare FILE [SLOWED]: measures some benchmarks of rz as `rz bench` does,
// and keeps them in FILE, or compares them with it. The benchmark SLOWED takes 1.3 times as long.
// Prints a line `NAME VERDICT SEVERITY RATIO` for each; see scripts/check_bench.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/bench/compare.h"
#include "rz/bench/machine_probe.h"
#include "rz/bench/reference.h"
#include "rz/bench/run_in_processes.h"
#include "rz/suites/families.h"

namespace {

using namespace rz;

constexpr std::chrono::seconds kPatience{60};

/// Few, so that a hundred runs take minutes: of processor, memory, allocation and kernel.
bool is_chosen(const std::string& name) {
  for (const char* chosen : {"cond/parse", "cond/evaluate", "cond/filter_ndjson",
                             "storage/memory/set", "storage/sqlite/set", "fallback/cascade",
                             "health/write_state", "config/load_empty", "reports/health_text"}) {
    if (name == chosen) return true;
  }
  return false;
}

/// The same benchmark, which takes 1.3 times as long. Three more of ten iterations would not do: of
/// a sample of three there are then some with none more, and the least of a round is compared.
bench::Benchmark slowed(const bench::Benchmark& benchmark) {
  bench::Benchmark slow = benchmark;
  slow.setup = [setup = benchmark.setup]() -> Result<bench::Operation> {
    auto operation = setup();
    if (!operation) return operation;
    return bench::Operation([run = *operation](std::uint64_t iterations) -> Result<void> {
      using std::chrono::steady_clock;
      const auto start = steady_clock::now();
      if (auto done = run(iterations); !done) return done;
      const auto end = start + (steady_clock::now() - start) * 13 / 10;
      while (steady_clock::now() < end) {
      }
      return {};
    });
  };
  return slow;
}

/// As `rz bench --compare` measures beside `baseline`, or `rz bench --save` where it is null.
bench::BenchRun measure(const std::string& slow, const bench::BenchRun* baseline) {
  std::vector<bench::Benchmark> benchmarks;
  for (const bench::Benchmark& one : suites::all_benchmarks({})) {
    if (is_chosen(one.name)) benchmarks.push_back(one.name == slow ? slowed(one) : one);
  }
  // The store that waits for the disk, beside the one in memory.
  for (bench::Benchmark one : suites::storage_benchmarks({})) {
    if (one.name != "storage/sqlite/set") continue;
    one.name = "disk/sqlite/set";
    benchmarks.push_back(one.name == slow ? slowed(one) : one);
  }
  for (const bench::Benchmark& one : bench::reference_benchmarks()) benchmarks.push_back(one);
  bench::BenchRun run;
  run.machine = bench::machine_fingerprint();
  bench::BenchOptions options;
  options.probe = bench::probe_machine;
  options.interruptions = bench::interruptions;
  if (baseline != nullptr) {
    options.known_best_probe = bench::best_probe(*baseline);
    options.batches = bench::batches_of(baseline->measurements);
  }
  options.patience = kPatience;
  run.measurements =
      bench::run_in_processes(benchmarks, options, bench::kProcesses, SystemClock::instance());
  return run;
}

int refuse(const std::string& message) {
  std::fprintf(stderr, "bench_gate: %s\n", message.c_str());
  return 3;
}

int compare_with(const std::string& file, const std::string& slow) {
  const auto before = bench::read_run(file);
  if (!before) return refuse(to_string(before.error()));
  const auto comparison = bench::compare(*before, measure(slow, &*before), {});
  if (!comparison) return refuse(to_string(comparison.error()));
  for (const bench::BenchmarkChange& change : comparison->changes) {
    std::printf("%s %s %s %.3f %.3f %.3f\n", change.name.c_str(), to_string(change.verdict),
                to_string(change.severity), change.ratio, change.interval.low,
                change.interval.high);
  }
  for (const bench::MachineDrift& drift : comparison->drifts) {
    std::printf("%s drift - %.3f\n", drift.name.c_str(), drift.ratio);
  }
  return comparison->count(bench::Severity::failure) > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "save") == 0) {
    const auto saved = write_file(argv[2], to_json(bench::to_value(measure("", nullptr))) + "\n");
    return saved ? 0 : refuse(to_string(saved.error()));
  }
  if ((argc == 3 || argc == 4) && std::strcmp(argv[1], "compare") == 0) {
    return compare_with(argv[2], argc == 4 ? argv[3] : "");
  }
  return refuse("usage: bench_gate save FILE | compare FILE [SLOWED]");
}
