#include "rz/bench/program_benchmark.h"

#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <string>

#include "rz/bench/valgrind.h"
#include "support/temp_folder.h"

namespace rz::bench {
namespace {

/// Runs it so often.
Result<void> run_it(const ProgramOptions& options, std::uint64_t times,
                    const std::shared_ptr<ProgramUses>& uses = nullptr) {
  const Benchmark benchmark = program_benchmark(options, uses);
  auto operation = benchmark.setup();
  REQUIRE(operation);
  return (*operation)(times);
}

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("a program runs as often as it is asked to, and what it used is counted") {
  const TempFolder folder;
  const std::string file = folder.path() + "/runs";
  const auto uses = std::make_shared<ProgramUses>();
  const ProgramOptions options{.name = "p", .argv = {"sh", "-c", "echo x >> \"$0\"", file}};
  REQUIRE(run_it(options, 3, uses));
  CHECK(content_of(file) == "x\nx\nx\n");
  const ProgramUse use = uses->summary(2);
  CHECK(use.peak_memory > 100'000);
  CHECK(use.user_ns + use.system_ns > 0);
  CHECK(program_benchmark(options).single);
}

TEST_CASE("its environment and its input are what was asked for") {
  const TempFolder folder;
  const std::string file = folder.path() + "/out";
  std::ofstream(folder.path() + "/in") << "hello";
  REQUIRE(run_it({.name = "p",
                  .argv = {"sh", "-c", "{ cat; echo $RZ_TEST; } > \"$0\"", file},
                  .environment = {{"RZ_TEST", "given"}},
                  .input = folder.path() + "/in"},
                 1));
  CHECK(content_of(file) == "hellogiven\n");
}

TEST_CASE("one that ends badly is an error, unless that does not matter") {
  const ProgramOptions bad{.name = "p", .argv = {"sh", "-c", "exit 3"}};
  const auto failed = run_it(bad, 1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::unavailable);
  CHECK(to_string(failed.error()) ==
        "sh: ended with exit code 3; see why with --show-output, or measure it all the same with "
        "--ignore-failure");
  ProgramOptions ignored = bad;
  ignored.any_exit_code = true;
  CHECK(run_it(ignored, 1));
  const auto killed = run_it({.name = "p", .argv = {"sh", "-c", "kill -9 $$"}}, 1);
  REQUIRE_FALSE(killed);
  CHECK(killed.error().message == "was ended by SIGKILL");
  const auto missing = run_it({.name = "p", .argv = {"/nonexistent/program"}}, 1);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::not_found);
}

TEST_CASE("what prepares a sample runs before it") {
  const TempFolder folder;
  const std::string file = folder.path() + "/steps";
  const Benchmark benchmark =
      program_benchmark({.name = "p",
                         .argv = {"sh", "-c", "echo run >> \"$0\"", file},
                         .prepare = {"sh", "-c", "echo prepared >> \"$0\"", file}});
  REQUIRE(benchmark.before_sample);
  const auto operation = benchmark.setup();
  REQUIRE(operation);
  REQUIRE(benchmark.before_sample());
  REQUIRE((*operation)(1));
  CHECK(content_of(file) == "prepared\nrun\n");
}

TEST_CASE("valgrind's counts are added up over processes, and nothing else is taken for one") {
  CHECK(counted_in("==7== Command: x\n==7== I   refs:      128,900\nI   refs: 5\n"
                   "==8== I   refs:      1,000\n") == 129'900);
  CHECK(counted_in("no count") == 0);
}

TEST_CASE("instructions of a program are counted, and are the same each time") {
  const std::vector<std::string> loop = {"sh", "-c",
                                         "i=0; while [ $i -lt 100 ]; do i=$((i+1)); done"};
  const std::vector<std::string> nothing = {"sh", "-c", ":"};
  const auto many = count_under_valgrind(loop, {}, nullptr);
  const auto few = count_under_valgrind(nothing, {}, nullptr);
  REQUIRE(many);
  REQUIRE(few);
  CHECK(*many > *few);
  CHECK(*few == doctest::Approx(*count_under_valgrind(nothing, {}, nullptr)).epsilon(0.01));
  const auto failed = count_under_valgrind({"sh", "-c", "exit 3"}, {}, nullptr);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "ended with exit code 3 under valgrind");
}

}  // namespace
}  // namespace rz::bench
