#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/bench/benchmark.h"
#include "rz/bench/program_runner.h"
#include "rz/cli/program.h"
#include "rz/storage/open_storage.h"
#include "rz/suites/families.h"

/// rz's own benchmarks, and running one of them as a program of its own.
namespace rz::apps {

/// The Redis that is named; nothing if another kind of store is. Errors: those of the
/// configuration, and of the store's URL.
Result<std::optional<StorageOptions>> named_redis(cli::Context& context);

suites::SuiteOptions suite_options(const std::optional<StorageOptions>& redis);

/// How many iterations take some milliseconds.
std::uint64_t iterations_to_count(const bench::Benchmark& benchmark);

/// Instructions of one iteration of the benchmark `name`, by valgrind: what twice as many
/// iterations take more. `stores`: it is one of `rz bench storage`. Errors: those of
/// count_under_valgrind.
Result<double> count_iteration(cli::Context& context, bool stores, const std::string& name,
                               std::uint64_t iterations, const std::function<bool()>& stop);

/// The benchmark `name` as a program that runs for about `time`; nothing: there is none.
/// Errors: those of named_redis(), if there is one.
Result<std::optional<bench::ProgramOptions>> own_benchmark(cli::Context& context,
                                                           const std::string& name, Millis time);

}  // namespace rz::apps
