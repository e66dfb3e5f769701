#include <string>
#include <vector>

#include "bench_http.h"
#include "programs.h"
#include "rz/base/text.h"
#include "rz/bench/filter.h"
#include "rz/bench/machine.h"
#include "rz/bench/run_benchmarks.h"
#include "rz/bench/statistics.h"
#include "rz/bench/suites/cond_suite.h"
#include "rz/bench/suites/fallback_suite.h"
#include "rz/bench/suites/storage_suite.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/program.h"
#include "rz/cli/progress.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/load_report.h"
#include "rz/storage/storage_url.h"

namespace {

using namespace rz;

/// The suite of the Redis that is named, empty if another kind of store is.
Result<std::vector<bench::Benchmark>> redis_suite(cli::Context& context, bench::StorageLoad load) {
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  StorageOptions options = (*config)->storage;
  if (!context.runtime().options().storage_url.empty())
    options.url = context.runtime().options().storage_url;
  if (options.url.empty()) return std::vector<bench::Benchmark>{};
  const auto url = storage::parse_storage_url(options.url);
  if (!url) return fail(url.error());
  if (url->kind == storage::StorageUrl::Kind::memory ||
      url->kind == storage::StorageUrl::Kind::sqlite) {
    return std::vector<bench::Benchmark>{};
  }
  return bench::storage_suite("redis", options, load);
}

/// `stores`: those of the stores alone, with more load.
Result<std::vector<bench::Benchmark>> benchmarks(cli::Context& context, const std::string& filter,
                                                 bool stores) {
  StorageOptions memory;
  memory.url = "memory:";
  const auto load = stores ? bench::StorageLoad::full : bench::StorageLoad::brief;
  const auto redis = redis_suite(context, load);
  if (!redis) return fail(redis.error());
  std::vector<std::vector<bench::Benchmark>> suites = {bench::storage_suite("memory", memory, load),
                                                       bench::temporary_sqlite_suite(load), *redis};
  if (!stores) {
    suites.insert(suites.begin(), bench::cond_suite());
    suites.push_back(bench::fallback_suite());
  }
  std::vector<bench::Benchmark> all;
  for (const auto& suite : suites) all.insert(all.end(), suite.begin(), suite.end());
  auto chosen = bench::filter_benchmarks(std::move(all), filter);
  if (chosen && redis->empty() && filter.empty()) {
    context.warn("storage/redis is left out: no Redis is named (--storage redis://HOST)");
  }
  return chosen;
}

// A few outliers are any machine's daily life; from a tenth on the figures are in doubt.
void warn_of_outliers(cli::Context& context, const std::vector<bench::Measurement>& measurements) {
  std::vector<std::string> noisy;
  for (const bench::Measurement& m : measurements) {
    const std::size_t outliers = bench::summarize(m.samples).outliers;
    if (outliers == 0 || outliers * 10 < m.samples.size()) continue;
    noisy.push_back(m.name + " (" + std::to_string(outliers) + " of " +
                    std::to_string(m.samples.size()) + ")");
  }
  if (noisy.empty()) return;
  context.warn("many outliers: " + join(noisy, ", ") +
               "; the machine was busy: trust the median, or measure again with --samples 100");
}

Result<int> list(cli::Context& context, const std::vector<bench::Benchmark>& chosen) {
  reports::BenchList list;
  for (const bench::Benchmark& benchmark : chosen) list.names.push_back(benchmark.name);
  context.print(list);
  return cli::kYes;
}

Result<int> measure(cli::Context& context, const cli::Arguments& arguments, bool stores) {
  const bool only_list = arguments.has("--list");
  const std::string& format = context.options().format;
  if (only_list && reports::writer<reports::BenchList>(format) == nullptr) {
    constexpr auto& kNames = reports::kNamesFor<reports::BenchList>;
    return fail(ErrorCode::invalid_argument,
                "'--list' cannot write '" + format + "'; use " +
                    join(std::vector<std::string>(kNames.begin(), kNames.end()), ", "),
                "--format");
  }
  const auto chosen = benchmarks(context, arguments.text("--filter"), stores);
  if (!chosen) return fail(chosen.error());
  if (only_list) return list(context, *chosen);

  // The first signal ends the run after its round, so that what was measured is printed and what
  // was made is removed; a second one ends the program.
  const cli::Interrupt interrupt;
  bench::BenchOptions options;
  options.samples = static_cast<int>(*arguments.number("--samples"));
  cli::Progress progress(context.options().quiet);
  options.stop = [&] {
    if (progress.due()) {
      progress.show("measuring for " +
                    std::to_string(static_cast<int>(progress.elapsed().count())) +
                    " s; Ctrl-C prints what there is");
    }
    return interrupt.asked();
  };
  const auto measurements = bench::run_benchmarks(*chosen, options, SystemClock::instance());
  progress.clear();

  context.print(reports::BenchReport{measurements, bench::machine_fingerprint()});
  warn_of_outliers(context, measurements);
  std::vector<std::string> failures;
  for (const bench::Measurement& m : measurements) {
    if (m.error) failures.push_back(m.name + ": " + to_string(*m.error));
  }
  if (!failures.empty()) return fail(ErrorCode::unavailable, join(failures, "\n"));
  if (interrupt.asked()) return interrupt.exit_code();
  return cli::kYes;
}

Result<int> measure_all(cli::Context& context, const cli::Arguments& arguments) {
  return measure(context, arguments, false);
}

Result<int> measure_stores(cli::Context& context, const cli::Arguments& arguments) {
  return measure(context, arguments, true);
}

// ---- The commands

constexpr auto& kFormats = reports::kNamesFor<reports::BenchReport>;
constexpr std::string_view kSchema = "rz.bench/1";
constexpr std::string_view kExits = "0 measured, 3 some benchmark failed, 128+n ended by signal n";

constexpr cli::Option kOptions[] = {
    {.name = "--filter", .value = "REGEX", .about = "Only those whose name matches"},
    {.name = "--list", .about = "Name the benchmarks, run none (text or json)"},
    {.name = "--samples",
     .value = "N",
     .about = "Of each benchmark",
     .preset = "30",
     .min = 1,
     .max = 10'000},
};

constexpr cli::Command kCommands[] = {
    {.summary = "Measure what rz does",
     .options = kOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_all},
    {.name = "micro",
     .summary = "The benchmarks of rz's own parts: what the bare command runs",
     .examples = "rz bench micro --filter '^cond'\n"
                 "rz bench micro --format json > before.json",
     .options = kOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_all},
    {.name = "storage",
     .summary = "The stores, with many keys at once, commits and logs",
     .examples = "rz bench storage\n"
                 "rz bench storage --storage redis://127.0.0.1",
     .options = kOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_stores},
    {.name = "http",
     .summary = "Put a server under load, and judge how it answers",
     .examples = "rz bench http --url http://127.0.0.1:8080/ -c 50 -d 30s\n"
                 "rz bench http --url http://127.0.0.1:8080/ --rate 1000 --threshold 'p95<500ms'\n"
                 "rz bench http --url http://127.0.0.1:8080/ --find-max 'p99<50ms'",
     .options = kHttpLoadOptions,
     .formats = reports::kNamesFor<reports::LoadReport>,
     .exits = "0 measured, thresholds met; 1 one missed, no rate found; 3 could not tell",
     .schema = "rz.bench.http/1",
     .run = run_http_load},
};

constexpr cli::Program kProgram = {
    .name = "rz bench",
    .summary = "Measure what rz does: conditions, stores, decisions; and how a server answers.",
    .examples =
        "rz bench                              all benchmarks, as a table\n"
        "rz bench --list                       what there is\n"
        "rz bench storage --storage redis://127.0.0.1\n"
        "rz bench micro --format json > before.json",
    .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
