#include "rz/bench/run_in_processes.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace rz::bench {
namespace {

using namespace std::chrono_literals;

/// Writes a line with its process for each setup.
Benchmark noted(const std::string& name, const std::string& file) {
  return {.name = name, .setup = [file]() -> Result<Operation> {
            std::ofstream(file, std::ios::app) << ::getpid() << "\n";
            return Operation([](std::uint64_t n) -> Result<void> {
              for (std::uint64_t i = 0; i < n; ++i) do_not_optimize(i);
              return {};
            });
          }};
}

BenchOptions quick() {
  BenchOptions options;
  options.rounds = 7;
  options.sample_time = 10us;
  options.round_time = 20us;
  options.warm_up = 0ns;
  options.probe = [] { return 100.0; };
  return options;
}

std::vector<Measurement> run(const std::vector<Benchmark>& benchmarks, const BenchOptions& options,
                             int processes = 3) {
  return run_in_processes(benchmarks, options, processes, SystemClock::instance());
}

TEST_CASE("each process makes its share of the rounds, of the same batches") {
  const TempFolder folder;
  const std::string file = folder.path() + "/processes";
  const auto all = run({noted("a", file), noted("b", file)}, quick());
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "a");
  CHECK(all[1].name == "b");
  for (const Measurement& one : all) {
    CHECK_FALSE(one.error);
    // Three rounds in each of three processes: at least as many as were asked for.
    CHECK(one.samples.size() == 9 * one.per_round);
    CHECK(one.probes == std::vector<double>(9, 100.0));
    CHECK(one.process_rounds == std::vector<std::size_t>(3, 3));
  }
  std::ifstream in(file);
  std::multiset<std::string> processes;
  for (std::string line; std::getline(in, line);) processes.insert(line);
  CHECK(processes.size() == 6);
  CHECK(std::set<std::string>(processes.begin(), processes.end()).size() == 3);
  CHECK(processes.count(std::to_string(::getpid())) == 0);
}

TEST_CASE("there are no more processes than rounds") {
  BenchOptions options = quick();
  options.rounds = 2;
  const TempFolder folder;
  const auto all = run({noted("a", folder.path() + "/p")}, options);
  CHECK(all[0].probes.size() == 2);
}

TEST_CASE("what fails in one process is left out of the others, with its error") {
  const TempFolder folder;
  const std::string file = folder.path() + "/tries";
  const Benchmark bad{.name = "bad", .setup = [file]() -> Result<Operation> {
                        std::ofstream(file, std::ios::app) << "x";
                        return fail(ErrorCode::unavailable, "refused", "host");
                      }};
  const auto all = run({bad, noted("good", folder.path() + "/p")}, quick());
  REQUIRE(all[0].error);
  CHECK(to_string(*all[0].error) == "host: refused");
  CHECK(all[1].probes.size() == 9);
  std::ifstream in(file);
  std::string tries;
  in >> tries;
  CHECK(tries == "x");
  // Nothing else there: it is an error all the same.
  REQUIRE(run({bad}, quick())[0].error);
}

TEST_CASE("a process that dies is an error of all that it was to measure") {
  const Benchmark deadly{.name = "deadly", .setup = []() -> Result<Operation> {
                           ::raise(SIGKILL);
                           return Operation();
                         }};
  const auto all = run({deadly}, quick());
  REQUIRE(all[0].error);
  CHECK(to_string(*all[0].error).find("was ended by SIGKILL") != std::string::npos);
}

TEST_CASE("whoever asks it to stop is heard in the process, too") {
  const TempFolder folder;
  BenchOptions options = quick();
  options.rounds = 10'000;
  options.time_limit = std::chrono::hours(1);
  options.round_time = std::chrono::milliseconds(1);
  // This process alone says so, once the other one has begun.
  const std::string file = folder.path() + "/p";
  const pid_t here = ::getpid();
  options.stop = [&](const RunProgress&) {
    return ::getpid() == here && std::ifstream(file).good();
  };
  const auto all = run({noted("a", file)}, options);
  CHECK(all[0].probes.size() < 10'000);
}

}  // namespace
}  // namespace rz::bench
