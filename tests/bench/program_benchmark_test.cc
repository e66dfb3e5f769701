#include "rz/bench/program_benchmark.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "rz/bench/valgrind.h"
#include "support/patience.h"
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
  // A shell needs less than this process.
  CHECK(use.peak_is_bound);
  CHECK(use.user_ns + use.system_ns > 0);
  CHECK(program_benchmark(options).single);
}

TEST_CASE("times are means, since most short runs have none, and a peak that is known counts") {
  ProgramUses uses;
  uses.add({.user_ns = 9e9, .system_ns = 9e9, .peak_memory = 1'000'000});
  for (int i = 0; i < 4; ++i) {
    uses.add(
        {.user_ns = 0, .system_ns = i == 0 ? 4e6 : 0, .peak_memory = 500, .peak_is_bound = true});
  }
  const ProgramUse use = uses.summary(4);
  CHECK(use.system_ns == 1e6);
  CHECK(use.peak_memory == 500);
  CHECK(use.peak_is_bound);
  uses.add({.peak_memory = 800});
  CHECK_FALSE(uses.summary(5).peak_is_bound);
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
  const ProgramOptions bad{.name = "p", .argv = {"sh", "-c", "exit 3"}, .advice = "look"};
  const auto failed = run_it(bad, 1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::unavailable);
  CHECK(to_string(failed.error()) == "sh: ended with exit code 3; look");
  ProgramOptions called_after = bad;
  called_after.name = "sh -c 'exit 3'";
  CHECK(to_string(run_it(called_after, 1).error()) == "ended with exit code 3; look");
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
  const auto counted = [](const std::vector<std::string>& argv) {
    return count_under_valgrind({.name = "p", .argv = argv});
  };
  const auto many = counted(loop);
  const auto few = counted(nothing);
  REQUIRE(many);
  REQUIRE(few);
  CHECK(*many > *few);
  CHECK(*few == doctest::Approx(*counted(nothing)).epsilon(0.01));
  const auto failed = counted({"sh", "-c", "exit 3"});
  REQUIRE_FALSE(failed);
  CHECK(to_string(failed.error()) == "sh: ended with exit code 3 under valgrind");
}

TEST_CASE("under valgrind a program has its input and what prepares it, and its exit code counts") {
  const TempFolder folder;
  const std::string file = folder.path() + "/steps";
  std::ofstream(folder.path() + "/in") << "hello\n";
  const ProgramOptions options{
      .name = "p",
      .argv = {"sh", "-c", "read word; echo $word >> \"$0\"; exit 3", file},
      .prepare = {"sh", "-c", "echo prepared >> \"$0\"", file},
      .input = folder.path() + "/in",
      .any_exit_code = true};
  CHECK(count_under_valgrind(options));
  CHECK(content_of(file) == "prepared\nhello\n");
  ProgramOptions judged = options;
  judged.prepare = {"sh", "-c", "exit 4"};
  judged.any_exit_code = false;
  const auto failed = count_under_valgrind(judged);
  REQUIRE_FALSE(failed);
  CHECK(to_string(failed.error()) == "the preparation: ended with exit code 4");
}

/// A program that writes the number of a process of its own, which ignores SIGTERM, to `file`.
std::vector<std::string> lasting(const std::string& file) {
  return {"sh", "-c",
          "(trap '' TERM; exec sleep 1000) & echo $! > \"$0\".new; mv \"$0\".new \"$0\"; wait",
          file};
}

/// Whether a process runs; one that nobody has waited for yet does not.
bool does_run(const std::string& process) {
  const std::string stat = content_of("/proc/" + process + "/stat");
  const std::size_t behind = stat.rfind(") ");
  return behind != std::string::npos && stat[behind + 2] != 'Z';
}

/// Whether the process whose number is in `file` is gone, at once or soon.
bool is_gone(const std::string& file) {
  const std::string process = std::to_string(std::stoi(content_of(file)));
  const auto end = std::chrono::steady_clock::now() + test::kPatience;
  while (does_run(process) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return !does_run(process);
}

TEST_CASE("a program that takes longer than it may is ended with what it started") {
  const TempFolder folder;
  const std::string file = folder.path() + "/process";
  const auto late = run_it(
      {.name = "p", .argv = lasting(file), .any_exit_code = true, .timeout = Millis{1'000}}, 1);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(to_string(late.error()) == "sh: did not end within 1s");
  if (std::filesystem::exists(file)) CHECK(is_gone(file));
  CHECK(run_it({.name = "p", .argv = {"true"}, .timeout = test::kPatience}, 2));
}

TEST_CASE("a program is ended when it is told to stop, and is not started any more") {
  const TempFolder folder;
  const std::string file = folder.path() + "/process";
  ProgramOptions options{.name = "p", .argv = lasting(file)};
  options.stop = [&file] { return std::filesystem::exists(file); };
  const auto stopped = run_it(options, 1);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().message == "was stopped");
  CHECK(is_gone(file));
  options.argv = {"sh", "-c", "echo x > \"$0\"", folder.path() + "/never"};
  CHECK_FALSE(run_it(options, 1));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/never"));
}

TEST_CASE("a program does not inherit what this one ignores") {
  const TempFolder folder;
  const std::string file = folder.path() + "/mask";
  std::signal(SIGPIPE, SIG_IGN);
  REQUIRE(run_it(
      {.name = "p", .argv = {"sh", "-c", "grep SigIgn /proc/self/status > \"$0\"", file}}, 1));
  std::signal(SIGPIPE, SIG_DFL);
  const std::string ignored = content_of(file);
  REQUIRE(ignored.starts_with("SigIgn:\t"));
  CHECK((std::stoull(ignored.substr(8), nullptr, 16) & (1ULL << (SIGPIPE - 1))) == 0);
}

}  // namespace
}  // namespace rz::bench
