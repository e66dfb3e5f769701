// A program whose profile is known, under the real profilers, as far as they are installed.

#include "rz/profile/recorder.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "support/installed_tool.h"
#include "support/paths.h"
#include "support/patience.h"

namespace rz::profile {
namespace {

bench::ProgramOptions known_program() {
  return {.name = "known",
          .argv = {test::build_dir() + "/bin/profiled_program"},
          .timeout = test::kPatience};
}

const FunctionWeight* find_function(const std::vector<FunctionWeight>& functions,
                                    const std::string& name) {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&name](const auto& one) { return one.name == name; });
  return found == functions.end() ? nullptr : &*found;
}

bool is_missing(const Result<Recording>& recording) {
  if (recording) return false;
  // Not the program itself.
  REQUIRE(::access(known_program().argv.front().c_str(), X_OK) == 0);
  const std::string why = to_string(recording.error());
  if (recording.error().code == ErrorCode::not_found) test::say_not_tried(why);
  const bool forbidden = recording.error().code == ErrorCode::auth;
  if (forbidden) MESSAGE(why << ", so that it was not tried");
  return forbidden || recording.error().code == ErrorCode::not_found;
}

void check_busy(const Recording& recording) {
  CHECK(recording.exit_code == 3);
  const auto functions = functions_of(recording.profile, 0);
  const FunctionWeight* busy = find_function(functions, "busy_part");
  REQUIRE(busy != nullptr);
  CHECK(busy == functions.data());
  CHECK(busy->self[0] * 10 > recording.profile.total(0) * 7);
  const FunctionWeight* caller = find_function(functions, "main");
  REQUIRE(caller != nullptr);
  CHECK(caller->total[0] >= busy->self[0] / 2);
}

}  // namespace

TEST_CASE("processor time is found where it was spent") {
  for (const Profiler by : {Profiler::gperftools, Profiler::perf}) {
    CAPTURE(to_string(by));
    const auto recording = record(known_program(), by, library_folders());
    if (is_missing(recording)) continue;
    REQUIRE_MESSAGE(recording.has_value(), to_string(recording.error()));
    check_busy(*recording);
  }
}

TEST_CASE("memory is found where it was allocated") {
  const auto recording = record(known_program(), Profiler::heaptrack, library_folders());
  if (is_missing(recording)) return;
  REQUIRE_MESSAGE(recording.has_value(), to_string(recording.error()));
  CHECK(recording->exit_code == 3);
  REQUIRE(recording->heap.has_value());
  CHECK(recording->heap->allocations >= 1000);
  CHECK(recording->heap->leaked_bytes >= 1'000'000);
  std::int64_t allocations = 0;
  std::int64_t leaked = 0;
  for (const FunctionWeight& one : functions_of(recording->profile, 1)) {
    if (one.name.find("hungry_part") == std::string::npos &&
        one.name.find("main") == std::string::npos) {
      continue;
    }
    allocations += one.self[1];
    leaked += one.self[2];
  }
  CHECK(allocations == 1000);
  CHECK(leaked == 1'000'000);
}

TEST_CASE("a profiler that is not there is named by its package") {
  const std::vector<std::string> nowhere = {"/nonexistent"};
  const auto message_of = [&](Profiler by) {
    const auto recording = record(known_program(), by, nowhere);
    REQUIRE_FALSE(recording.has_value());
    CHECK(recording.error().code == ErrorCode::not_found);
    return recording.error().message;
  };
  CHECK(message_of(Profiler::gperftools) ==
        "gperftools is not installed; install the package libgoogle-perftools4");
  CHECK(message_of(Profiler::heaptrack) ==
        "heaptrack is not installed; install the package heaptrack");
}

TEST_CASE("a program that cannot be run, or leaves no sample, is said") {
  bench::ProgramOptions absent = known_program();
  absent.argv = {"/nonexistent/program"};
  absent.called = "absent";
  const auto recording = record(absent, Profiler::gperftools, library_folders());
  REQUIRE_FALSE(recording.has_value());
  CHECK(recording.error().code == ErrorCode::not_found);
  const auto by_perf = record(absent, Profiler::perf, library_folders());
  REQUIRE_FALSE(by_perf.has_value());
  CHECK(to_string(by_perf.error()) == to_string(recording.error()));

  bench::ProgramOptions quick = known_program();
  quick.argv = {"true"};
  const auto nothing = record(quick, Profiler::gperftools, library_folders());
  if (is_missing(nothing)) return;
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().code == ErrorCode::unavailable);
  CHECK(nothing.error().message.find("give it more to do") != std::string::npos);
}

TEST_CASE("a program that the signal of gperftools ends is told what to use") {
  bench::ProgramOptions replaced = known_program();
  replaced.argv = {"sh", "-c", "env true; trap : PROF; trap - PROF; kill -PROF $$"};
  const auto nothing = record(replaced, Profiler::gperftools, library_folders());
  if (is_missing(nothing)) return;
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().message ==
        "was ended by SIGPROF; that is the signal of gperftools, which ends a program that runs "
        "another in its place (exec); use --with perf");
}

}  // namespace rz::profile
