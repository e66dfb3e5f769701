#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/bench/program_runner.h"
#include "rz/cli/program.h"

namespace rz {

/// One of rz's own benchmarks as a program that runs for about a time; nothing: there is none of
/// that name.
using FindBenchmark =
    std::function<Result<std::optional<bench::ProgramOptions>>(const std::string&, Millis)>;

/// `rz bench profile`: of a benchmark, of the program that is named, or of a profile that was kept.
Result<int> profile_program(cli::Context& context, const cli::Arguments& arguments,
                            const FindBenchmark& find_benchmark);

inline constexpr cli::Operand kProfileOperands[] = {
    {.name = "PROGRAM",
     .about = "A benchmark of rz (rz bench --list), or a program and its arguments, after --",
     .many = true,
     .may_be_empty = true},
};

inline constexpr cli::Option kProfileOptions[] = {
    {.name = "--kind",
     .value = "KIND",
     .about = "Of what",
     .choices = "cpu|memory",
     .preset = "cpu"},
    {.name = "--with",
     .value = "PROFILER",
     .about = "Takes the samples of cpu; else gperftools, or perf where that cannot",
     .choices = "gperftools|perf"},
    {.name = "--show",
     .value = "MEASURE",
     .about = "Of memory, in formats that show one [peak]",
     .choices = "peak|allocations|leaked"},
    {.name = "--diff", .value = "FILE", .about = "Beside another profile, as folded stacks"},
    {.name = "--read",
     .value = "FILE",
     .about = "Folded stacks, in place of running anything; - is standard input",
     .not_with = "--with|--input|--show-output|--timeout|--min-time"},
    {.name = "--input", .value = "FILE", .about = "Its standard input", .preset = "/dev/null"},
    {.name = "--show-output", .about = "Show what it prints, on standard error"},
    {.name = "--timeout",
     .value = "DURATION",
     .about = "Then it is ended, and what was seen is reported",
     .preset = "5m"},
    {.name = "--min-time",
     .value = "DURATION",
     .about = "How long a benchmark runs; 3s, for memory 200ms"},
};

}  // namespace rz
