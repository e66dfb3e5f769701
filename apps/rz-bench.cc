#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bench_http.h"
#include "bench_options.h"
#include "bench_own.h"
#include "bench_profile.h"
#include "bench_run.h"
#include "bench_saved.h"
#include "bench_session.h"
#include "programs.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/filter.h"
#include "rz/cli/program.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/load_report.h"
#include "rz/reports/profile_report.h"
#include "rz/suites/families.h"
#include "rz/suites/store_peers.h"

namespace {

using namespace rz;

// Each sample is of thousands of operations.
constexpr int kPeerRounds = 5;

/// `stores`: those of the stores alone, with more load.
Result<std::vector<bench::Benchmark>> chosen_benchmarks(cli::Context& context,
                                                        const std::string& filter, bool stores) {
  TRY_ASSIGN(const auto redis, apps::named_redis(context));
  const suites::SuiteOptions options = apps::suite_options(redis);
  auto chosen = bench::filter_benchmarks(
      stores ? suites::storage_benchmarks(options) : suites::all_benchmarks(options), filter);
  if (chosen && !redis && filter.empty()) {
    context.warn("storage/redis is left out: no Redis is named (--storage redis://HOST)");
  }
  return chosen;
}

reports::BenchList list_of(const std::vector<bench::Benchmark>& chosen) {
  reports::BenchList list;
  for (const bench::Benchmark& benchmark : chosen) list.names.push_back(benchmark.name);
  return list;
}

/// What takes the place of measuring writes the names alone.
Result<void> require_list_format(cli::Context& context, const std::string& option) {
  const std::string& format = context.options().format;
  if (reports::writer<reports::BenchList>(format) != nullptr) return {};
  constexpr auto& kNames = reports::kNamesFor<reports::BenchList>;
  return fail(ErrorCode::invalid_argument,
              "'" + option + "' cannot write '" + format + "'; use " +
                  join(std::vector<std::string>(kNames.begin(), kNames.end()), ", "),
              "--format");
}

/// Runs each so often and measures nothing, so that a profiler or valgrind sees it and little else.
Result<void> run_plainly(const std::vector<bench::Benchmark>& chosen, std::uint64_t iterations) {
  for (const bench::Benchmark& benchmark : chosen) {
    TRY_ASSIGN(const bench::Operation operation, benchmark.setup());
    TRY(operation(iterations));
  }
  return {};
}

Result<int> profile(cli::Context& context, const cli::Arguments& arguments) {
  return profile_program(context, arguments, [&context](const std::string& name, Millis time) {
    return apps::own_benchmark(context, name, time);
  });
}

std::vector<bench::Measurement> count_all(cli::Context& context, apps::BenchSession& session,
                                          const std::vector<bench::Benchmark>& chosen,
                                          bool stores) {
  std::vector<bench::Measurement> measurements;
  for (std::size_t i = 0; i < chosen.size() && !session.interrupted(); ++i) {
    const std::uint64_t iterations = apps::iterations_to_count(chosen[i]);
    const bench::RunProgress progress{chosen[i].name, 0, session.plan().rounds, i, chosen.size()};
    measurements.push_back(session.collect(progress, bench::kInstructions, [&] {
      return apps::count_iteration(context, stores, chosen[i].name, iterations,
                                   [&session] { return session.interrupted(); });
    }));
    measurements.back().iterations = iterations;
  }
  return measurements;
}

/// The programs of others whose names the filter lets pass.
Result<std::vector<suites::StorePeer>> chosen_peers(cli::Context& context,
                                                    const std::string& filter) {
  TRY_ASSIGN(const auto redis, apps::named_redis(context));
  std::vector<suites::StorePeer> peers = suites::sqlite_peers();
  if (redis) {
    for (suites::StorePeer& peer : suites::redis_peers(*redis)) peers.push_back(std::move(peer));
  }
  std::vector<suites::StorePeer> chosen;
  for (suites::StorePeer& peer : peers) {
    const auto passed = bench::filter_benchmarks({{.name = peer.name, .setup = nullptr}}, filter);
    if (passed) chosen.push_back(std::move(peer));
  }
  return chosen;
}

Result<int> measure(cli::Context& context, const cli::Arguments& arguments, bool stores) {
  for (const char* option : {"--list", "--iterations"}) {
    if (arguments.has(option)) TRY(require_list_format(context, option));
  }
  const std::string filter = arguments.text("--filter");
  TRY_ASSIGN(const auto chosen, chosen_benchmarks(context, filter, stores));
  if (const auto iterations = arguments.number("--iterations")) {
    TRY(run_plainly(chosen, static_cast<std::uint64_t>(*iterations)));
  }
  if (arguments.has("--list") || arguments.has("--iterations")) {
    context.print(list_of(chosen));
    return cli::kYes;
  }
  TRY_ASSIGN(apps::BenchPlan plan, apps::read_bench_plan(context, arguments));
  const bool by_valgrind = plan.by_valgrind;
  std::vector<suites::StorePeer> peers;
  if (stores && arguments.has("--peers") && plan.counter == "time") {
    TRY_ASSIGN(peers, chosen_peers(context, filter));
  }
  apps::BenchSession session(context, std::move(plan));
  auto measurements = by_valgrind ? count_all(context, session, chosen, stores)
                                  : session.measure(chosen, bench::BenchOptions{},
                                                    apps::BenchSession::Where::processes);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    measurements.push_back(session.collect({peers[i].name, 0, kPeerRounds, i, peers.size()},
                                           bench::kNanoseconds, peers[i].sample));
  }
  return session.end(std::move(measurements), std::nullopt, filter.empty());
}

Result<int> measure_all(cli::Context& context, const cli::Arguments& arguments) {
  return measure(context, arguments, false);
}

Result<int> measure_stores(cli::Context& context, const cli::Arguments& arguments) {
  return measure(context, arguments, true);
}

// ---- The commands

constexpr auto& kFormats = reports::kNamesFor<reports::BenchReport>;
constexpr auto& kHistoryFormats = reports::kNamesFor<reports::BenchHistory>;
constexpr std::string_view kSchema = "rz.bench/1";
constexpr std::string_view kExits =
    "0 measured, 1 slower by more than --fail-above, 3 some benchmark failed, 128+n ended by "
    "signal n";

constexpr cli::Option kFilter = {
    .name = "--filter", .value = "REGEX", .about = "Only those whose name matches"};
// What takes the place of measuring has nothing to save or to compare.
constexpr cli::Option kList = {
    .name = "--list",
    .about = "Name the benchmarks, run none (text or json)",
    .not_with = "--iterations|--save|--compare|--warn-above|--fail-above"};
constexpr cli::Option kIterations = {
    .name = "--iterations",
    .value = "N",
    .about = "Run each so often and measure nothing: for a profiler",
    .not_with = "--save|--compare|--warn-above|--fail-above",
    .min = 1,
    .max = 1'000'000'000};

constexpr cli::Option kOptions[] = {
    kFilter,
    kList,
    apps::kBenchRounds,
    apps::kBenchMinTime,
    apps::kBenchPatience,
    apps::kBenchCounter,
    kIterations,
    apps::kBenchSave,
    apps::kBenchCompare,
    apps::kBenchWarnAbove,
    apps::kBenchFailAbove,
};

constexpr cli::Option kStorageOptions[] = {
    kFilter,
    kList,
    {.name = "--peers", .about = "Beside redis-benchmark and sqlite3, as far as they are there"},
    apps::kBenchRounds,
    apps::kBenchMinTime,
    apps::kBenchPatience,
    apps::kBenchCounter,
    kIterations,
    apps::kBenchSave,
    apps::kBenchCompare,
    apps::kBenchWarnAbove,
    apps::kBenchFailAbove,
};

constexpr cli::Option kRunOptions[] = {
    {.name = "--against",
     .value = "PROGRAM",
     .about = "Another one, measured in turn",
     .not_with = "--compare"},
    {.name = "--vary",
     .value = "NAME=LIST",
     .about = "Measure it for each value in place of {NAME}",
     .not_with = "--against|--name"},
    {.name = "--prepare", .value = "PROGRAM", .about = "Run before each sample, not measured"},
    {.name = "--warm-up",
     .value = "N",
     .about = "Runs of each before it is measured; else 50 ms",
     .min = 0,
     .max = 1'000'000},
    {.name = "--input", .value = "FILE", .about = "Its standard input", .preset = "/dev/null"},
    {.name = "--show-output", .about = "Show what it prints, on standard error"},
    {.name = "--ignore-failure", .about = "Measure it whatever its exit code"},
    {.name = "--timeout", .value = "DURATION", .about = "A run that takes longer has failed"},
    {.name = "--name", .value = "NAME", .about = "What reports call it"},
    apps::kBenchRounds,
    apps::kBenchMinTime,
    apps::kBenchPatience,
    apps::kBenchCounter,
    apps::kBenchSave,
    apps::kBenchCompare,
    apps::kBenchWarnAbove,
    apps::kBenchFailAbove,
};

constexpr cli::Operand kRunOperands[] = {
    {.name = "PROGRAM",
     .about = "The program and its arguments, after --",
     .required = true,
     .many = true,
     .may_be_empty = true},
};

constexpr cli::Option kReportOptions[] = {apps::kBenchCompare, apps::kBenchWarnAbove,
                                          apps::kBenchFailAbove};
constexpr cli::Operand kReportOperands[] = {
    {.name = "FILE", .about = "A saved run; - is standard input", .required = true}};

constexpr cli::Option kHistoryOptions[] = {
    {.name = "--save",
     .value = "FILE",
     .about = "Keep the newest run, with the noise of each, as a baseline"}};
constexpr cli::Operand kHistoryOperands[] = {
    {.name = "FILE", .about = "Saved runs", .required = true, .many = true}};

constexpr cli::Command kCommands[] = {
    {.summary = "Measure what rz does",
     .options = kOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_all},
    {.name = "micro",
     .summary = "The benchmarks of rz's own parts: what the bare command runs",
     .examples = "rz bench micro --filter '^cond' --save before.json\n"
                 "rz bench micro --filter '^cond' --compare before.json\n"
                 "rz bench micro --counter instructions --filter cond/parse",
     .options = kOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_all},
    {.name = "storage",
     .summary = "The stores, with many keys at once, commits and logs",
     .examples = "rz bench storage\n"
                 "rz bench storage --peers --storage redis://127.0.0.1",
     .options = kStorageOptions,
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
    {.name = "run",
     .summary = "Any program, or two in turn",
     .examples = "rz bench run -- gzip -kf data.json\n"
                 "rz bench run --against 'gzip -1 -kf data.json' -- gzip -9 -kf data.json\n"
                 "rz bench run --vary level=1..9 -- gzip -{level} -kf data.json\n"
                 "rz bench run --save before.json -- ./report",
     .operands = kRunOperands,
     .options = kRunOptions,
     .formats = kFormats,
     .exits = kExits,
     .schema = kSchema,
     .run = measure_programs},
    {.name = "profile",
     .summary = "Where a program spends its processor time, or its memory",
     .examples = "rz bench profile cond/parse\n"
                 "rz bench profile --kind memory -- gzip -k data.json\n"
                 "rz bench profile --format svg -- ./report > flame.svg\n"
                 "rz bench profile --diff before.folded --format svg -- ./report > change.svg",
     .operands = kProfileOperands,
     .options = kProfileOptions,
     .formats = reports::kNamesFor<reports::ProfileReport>,
     .exits = "0 profiled, whatever the program's exit code; 3 could not tell; 128+n ended by "
              "signal n",
     .schema = "rz.bench.profile/1",
     .run = profile},
    {.name = "report",
     .summary = "A saved run, in any format, and beside another one",
     .examples = "rz bench report run.json --format html > run.html\n"
                 "rz bench report after.json --compare before.json",
     .operands = kReportOperands,
     .options = kReportOptions,
     .formats = kFormats,
     .exits = "0 read, 1 slower by more than --fail-above, 3 could not tell",
     .schema = kSchema,
     .run = report_saved_run},
    {.name = "history",
     .summary = "When saved runs changed, and how much each benchmark varies",
     .examples = "rz bench history runs/*.json\n"
                 "rz bench history --save baseline.json runs/*.json",
     .operands = kHistoryOperands,
     .options = kHistoryOptions,
     .formats = kHistoryFormats,
     .exits = "0 read, 3 could not tell",
     .schema = "rz.bench.history/1",
     .run = follow_saved_runs},
};

constexpr cli::Program kProgram = {
    .name = "rz bench",
    .summary = "Measure how fast rz or any program is, and how a server answers.",
    .examples =
        "rz bench                              all benchmarks, as a table\n"
        "rz bench --list                       what there is\n"
        "rz bench storage --storage redis://127.0.0.1\n"
        "rz bench micro --save before.json     a baseline; later: --compare before.json\n"
        "rz bench run -- gzip -kf data.json    any program",
    .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
