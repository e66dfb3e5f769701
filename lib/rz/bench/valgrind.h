#pragma once

#include <string_view>

#include "rz/base/result.h"
#include "rz/bench/program_runner.h"

namespace rz::bench {

/// How many instructions a program and what it starts execute under valgrind, which counts where
/// the processor does not: some fifty times as slow, and the same on a busy machine as on an idle
/// one. Before it what prepares the sample is run, and not counted.
/// Errors: not_found (no valgrind, with the package to install), and those of ProgramRunner::run().
Result<double> count_under_valgrind(const ProgramOptions& options);

/// The sum of the counts that valgrind tells in `log`, one for each process; 0 if there is none.
double counted_in(std::string_view log);

}  // namespace rz::bench
