// Programs that `rz bench run` measures: how they are ended, and where their output goes.

#include <doctest/doctest.h>

#include <string>

#include "golden.h"
#include "rz/base/json.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// The script begins a program that never ends, in the background, and waits until it runs: it
/// writes its number to `pid`, and that of a process that it started to `child`. What a shell runs
/// in the background ignores SIGINT otherwise.
constexpr const char* kBegin =
    "true; env --default-signal=INT rz bench run --name p OPTIONS -- sh -c 'sleep 100000 & echo $! "
    "> child; echo $$ > pid.new; "
    "mv pid.new pid; wait' & "
    "while kill -0 $! && ! [ -e pid ]; do sleep 0.05; done; ";

/// Says which of both are left. One that nobody waited for yet is not.
constexpr const char* kLook =
    "; for one in pid child; do for try in $(seq 600); do "
    "grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$(cat $one)/status || break; sleep 0.1; "
    "done; "
    "[ $try = 600 ] && echo \"$one is left\"; done; :";

GoldenStep run_script(const TempFolder& home, const std::string& options, const std::string& end) {
  std::string begin = kBegin;
  begin.replace(begin.find("OPTIONS"), 7, options);
  return run_step(begin + end + kLook, home.path());
}

}  // namespace

TEST_CASE("a signal ends the program that is measured, and what that started") {
  const auto check = [](const std::string& signal, const std::string& code) {
    const TempFolder home;
    const GoldenStep step = run_script(home, "", "kill -" + signal + " $!; wait $!; echo $?");
    INFO(signal);
    CHECK(step.output == code + "\n");
    CHECK(step.error == "rz bench: warning: interrupted before anything was measured\n");
  };
  check("TERM", "143");
  check("INT", "130");
}

TEST_CASE("a second signal leaves nothing running either") {
  const TempFolder home;
  // The program ignores the first one.
  const GoldenStep step = run_step(
      "true; rz bench run --name p -- sh -c 'trap \"\" TERM; sleep 100000 & echo $! > child; "
      "echo $$ > pid.new; mv pid.new pid; wait' & "
      "while kill -0 $! && ! [ -e pid ]; do sleep 0.05; done; "
      "kill -TERM $!; sleep 0.1; kill -TERM $!; wait $!; echo $?" +
          std::string(kLook),
      home.path());
  CHECK(step.output == "143\n");
}

TEST_CASE("a run that takes longer than --timeout has failed, and is named") {
  const TempFolder home;
  const GoldenStep step = run_script(home, "--timeout 3s --ignore-failure", "wait $!; echo $?");
  CHECK(step.output == "3\n");
  CHECK(step.error == "rz bench: p: sh: did not end within 3s\n");
}

TEST_CASE("under valgrind the same can be asked of a program") {
  const TempFolder home;
  const GoldenStep step = run_step(
      "echo word > in; rz bench run --quiet --counter instructions --rounds 1 --ignore-failure "
      "--prepare 'touch prepared' --input in --show-output --format json "
      "-- sh -c 'cat; ls prepared; exit 3' > out; echo $?; cat out | head -c 22",
      home.path());
  CHECK(step.output.starts_with("0\n{\"schema\":\"rz.bench/1\""));
  CHECK(step.error.find("word\nprepared\n") != std::string::npos);
}

TEST_CASE("what a program prints is no part of the report") {
  const TempFolder home;
  for (const std::string format : {"json", "csv", "text", "markdown"}) {
    const std::string command =
        "rz bench run --quiet --name p --rounds 1 --min-time 1ms --show-output --format " + format;
    const GoldenStep shown = run_step(command + " -- echo printed by it", home.path());
    INFO(format);
    CHECK(shown.exit_code == 0);
    CHECK(shown.output.find("printed by it\n") == std::string::npos);
    CHECK(shown.error.find("printed by it\n") != std::string::npos);
    if (format == "json") CHECK(parse_json(shown.output).has_value());
  }
}

TEST_CASE("a document whose exit code is 3 says why") {
  const TempFolder home;
  const auto error_of = [&home](const std::string& command) {
    const GoldenStep step = run_step(command + " --quiet --format json -- false", home.path());
    INFO(command);
    CHECK(step.exit_code == 3);
    const auto document = parse_json(step.output);
    REQUIRE(document);
    const Value* error = document->find("error");
    REQUIRE(error != nullptr);
    CHECK(error->find("code") != nullptr);
    CHECK(error->find("where") != nullptr);
    return *error->find("message")->as_string();
  };
  const std::string quickly = "rz bench run --rounds 1 --min-time 1ms --ignore-failure";
  CHECK(error_of("rz bench run").starts_with("false: ended with exit code 1; "));
  run_step(
      "echo '{\"schema\":\"rz.bench/1\",\"benchmarks\":[{\"name\":\"z\",\"samples\":[1]}]}' "
      "> other.json",
      home.path());
  CHECK(error_of(quickly + " --patience 1ms --compare other.json") ==
        "has none of the benchmarks of this run");
  CHECK(error_of(quickly + " --patience 1ms --save /dev/full").starts_with("cannot write: "));
}

}  // namespace rz::testing
