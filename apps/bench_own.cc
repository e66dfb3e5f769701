#include "bench_own.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rz/base/try.h"
#include "rz/bench/run_benchmarks.h"
#include "rz/bench/statistics/summary.h"
#include "rz/bench/valgrind.h"
#include "rz/storage/storage_url.h"

namespace rz::apps {
namespace {

/// This program as `name`, in libexec/rz/.
std::string own_program(const std::string& name) {
  std::error_code none;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", none);
  return (self.parent_path() / name).string();
}

std::string exact_pattern(const std::string& name) {
  std::string pattern = "^";
  for (const char c : name) {
    if (std::string_view("+.[](){}*?|^$\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

/// How many iterations fill `time`.
std::uint64_t iterations_for(const bench::Benchmark& benchmark, Millis time) {
  bench::BenchOptions options;
  options.rounds = 1;
  const auto quick = bench::run_benchmarks({benchmark}, options, SystemClock::instance());
  if (quick.front().samples.empty()) return 1;
  const double each = std::max(1.0, bench::summarize(quick.front().samples).median);
  const double count = static_cast<double>(std::chrono::nanoseconds(time).count()) / each;
  return static_cast<std::uint64_t>(std::clamp(count, 1.0, 1e9));
}

/// What a process that runs one of rz's own benchmarks is told of the store and the configuration.
std::vector<std::pair<std::string, std::string>> own_environment(cli::Context& context) {
  const runtime::RuntimeOptions& options = context.runtime().options();
  std::vector<std::pair<std::string, std::string>> environment;
  if (!options.storage_url.empty()) environment.emplace_back("RZ_STORAGE_URL", options.storage_url);
  if (!options.config.empty()) environment.emplace_back("RZ_CONFIG", options.config);
  return environment;
}

}  // namespace

Result<std::optional<StorageOptions>> named_redis(cli::Context& context) {
  TRY_ASSIGN(const StorageOptions options, context.runtime().storage_options());
  if (options.url.empty()) return std::optional<StorageOptions>();
  const auto url = storage::parse_storage_url(options.url);
  if (!url) return fail(url.error());
  if (url->kind == storage::StorageUrl::Kind::memory ||
      url->kind == storage::StorageUrl::Kind::sqlite) {
    return std::optional<StorageOptions>();
  }
  return std::optional<StorageOptions>(options);
}

suites::SuiteOptions suite_options(const std::optional<StorageOptions>& redis) {
  return {redis, own_program("../../bin/rz")};
}

std::uint64_t iterations_to_count(const bench::Benchmark& benchmark) {
  bench::BenchOptions options;
  options.rounds = 1;
  options.warm_up = std::chrono::nanoseconds{0};
  options.round_time = std::chrono::nanoseconds{0};
  const auto quick = bench::run_benchmarks({benchmark}, options, SystemClock::instance());
  return std::max<std::uint64_t>(1, quick.front().iterations);
}

Result<double> count_iteration(cli::Context& context, bool stores, const std::string& name,
                               std::uint64_t iterations, const std::function<bool()>& stop) {
  double counts[2] = {};
  for (const std::uint64_t times : {1, 2}) {
    const bench::ProgramOptions program{
        .name = name,
        .argv = {own_program("rz-bench"), stores ? "storage" : "micro", "--filter",
                 exact_pattern(name), "--iterations", std::to_string(times * iterations)},
        .environment = own_environment(context),
        .stop = stop};
    TRY_ASSIGN(counts[times - 1], bench::count_under_valgrind(program));
  }
  return std::max(0.0, counts[1] - counts[0]) / static_cast<double>(iterations);
}

Result<std::optional<bench::ProgramOptions>> own_benchmark(cli::Context& context,
                                                           const std::string& name, Millis time) {
  // A program that is none of them needs no configuration.
  const auto redis = named_redis(context);
  const suites::SuiteOptions options = suite_options(redis ? *redis : std::nullopt);
  for (const bool stores : {false, true}) {
    const auto benchmarks =
        stores ? suites::storage_benchmarks(options) : suites::all_benchmarks(options);
    const auto found = std::find_if(benchmarks.begin(), benchmarks.end(),
                                    [&name](const auto& one) { return one.name == name; });
    if (found == benchmarks.end()) continue;
    if (!redis) return fail(redis.error());
    return std::optional<bench::ProgramOptions>(bench::ProgramOptions{
        .name = name,
        .argv = {own_program("rz-bench"), stores ? "storage" : "micro", "--filter",
                 exact_pattern(name), "--iterations", std::to_string(iterations_for(*found, time))},
        .environment = own_environment(context)});
  }
  return std::optional<bench::ProgramOptions>();
}

}  // namespace rz::apps
