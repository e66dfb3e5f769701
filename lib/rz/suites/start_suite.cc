#include "rz/suites/start_suite.h"

#include <utility>

#include "rz/bench/program_benchmark.h"
#include "rz/cli/programs.h"

namespace rz::suites {
namespace {

bench::Benchmark start_of(const std::string& name, std::vector<std::string> argv) {
  bench::ProgramOptions options{.name = "start/" + name, .argv = std::move(argv)};
  // The user's configuration would be measured, too.
  options.environment = {{"RZ_CONFIG", "/dev/null"}};
  return bench::program_benchmark(std::move(options));
}

}  // namespace

std::vector<bench::Benchmark> start_suite(const std::string& rz) {
  std::vector<bench::Benchmark> suite;
  suite.push_back(
      start_of("cond_eval", {rz, "cond", "eval", "severity >= 0.8 and recurrence_count >= 2",
                             "--var", "severity=0.9", "--var", "recurrence_count=3"}));
  for (const cli::ProgramName& program : cli::kPrograms) {
    suite.push_back(start_of(program.name, {rz, program.name, "--help"}));
  }
  return suite;
}

}  // namespace rz::suites
