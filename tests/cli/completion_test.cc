// Completion, by the shells themselves where they are installed.

#include <doctest/doctest.h>

#include <string>

#include "golden.h"
#include "rz/cli/programs.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// The words that are offered at the end of a line, without what is said of them, in one line.
std::string offered(const std::string& line) {
  const TempFolder home;
  const GoldenStep step =
      run_step("rz completion words -- " + line + " | cut -f1 | tr '\\n' ' '", home.path());
  CHECK(step.exit_code == 0);
  CHECK(step.error == "");
  return step.output;
}

bool has_shell(const std::string& shell, const TempFolder& home) {
  return run_step("command -v " + shell, home.path()).exit_code == 0;
}

/// What bash makes of a line: the candidates, each in brackets.
std::string bash(const std::string& words, const std::string& more = "") {
  const TempFolder home;
  const GoldenStep step =
      run_step("bash -c 'eval \"$(rz completion bash)\"; " + more + " COMP_WORDS=(" + words +
                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _rz; "
                   "printf \"[%s]\" \"${COMPREPLY[@]}\"'",
               home.path());
  CHECK(step.error == "");
  return step.output;
}

}  // namespace

TEST_CASE("programs, subcommands, options and their words are offered") {
  std::string programs;
  for (const cli::ProgramName& one : cli::kPrograms) programs += std::string(one.name) + " ";
  CHECK(offered("''") == programs + "help ");
  CHECK(offered("c") == "cascade cond config completion ");
  CHECK(offered("help ca") == "cascade ");
  CHECK(offered("cascade s") == "status set ");
  CHECK(offered("cascade set ''") == "primary heuristic safe ");
  CHECK(offered("cascade set safe --f") == "--for --forever --format ");
  CHECK(offered("cascade set --for 1h h") == "heuristic ");
  CHECK(offered("--format json cascade status --require s") == "safe ");
  CHECK(offered("health --format ''") ==
        "text json nagios prometheus openmetrics junit tap github checkmk health+json ");
  CHECK(offered("health --format=j") == "--format=json --format=junit ");
  CHECK(offered("transitions list --format m") == "markdown ");
  CHECK(offered("health --fail-on u") == "unhealthy unknown ");
  CHECK(offered("health record r") == "retry-failure ");
  CHECK(offered("--color ''") == "auto always never ");
}

TEST_CASE("where a file belongs files are asked for, and elsewhere nothing") {
  CHECK(offered("health --config ''") == ":files ");
  CHECK(offered("transitions import ''") == ":files ");
  CHECK(offered("cascade set safe ''") == "");
  CHECK(offered("cascade set --reason ''") == "");
  CHECK(offered("cascade set -- s") == "safe ");
  CHECK(offered("cascade set -- --f") == "");
  CHECK(offered("of-a-team ''") == "");
  CHECK(offered("") == "");
}

TEST_CASE("what is offered is said in a line") {
  const TempFolder home;
  CHECK(run_step("rz completion words -- cascade rel", home.path()).output ==
        "release\tTake the pin away; the next evaluation decides\n");
}

TEST_CASE("bash completes") {
  const TempFolder home;
  REQUIRE(has_shell("bash", home));
  CHECK(bash("rz cas") == "[cascade]");
  CHECK(bash("rz cascade set \"\"") == "[primary][heuristic][safe]");
  CHECK(bash("rz health --format j") == "[json][junit]");
  // Bash takes `=` for a word, and replaces what is behind it.
  CHECK(bash("rz cascade --format =") == "[text][json]");
  CHECK(bash("rz health --format = j") == "[json][junit]");
  CHECK(bash("rz health nothing-here --nosuch") == "[]");
  CHECK(bash("rz health --config \"a \"", "touch \"a file.yaml\" b.yaml;") == "[a file.yaml]");
}

TEST_CASE("zsh completes, where it is installed") {
  const TempFolder home;
  if (!has_shell("zsh", home)) return;
  const auto zsh = [&](const std::string& words) {
    const GoldenStep step = run_step(
        "rz completion zsh > _rz; zsh -f -c 'compdef() { :; }; "
        "_describe() { eval \"printf \\\"[%s]\\\" \\\"\\${${3}[@]}\\\"\"; }; "
        "_files() { printf files; }; source ./_rz; words=(" +
            words + "); CURRENT=$#words; _rz'",
        home.path());
    CHECK(step.error == "");
    return step.output;
  };
  CHECK(zsh("rz cascade rel") == "[release:Take the pin away; the next evaluation decides]");
  CHECK(zsh("rz cascade set \"\"") == "[primary:][heuristic:][safe:]");
  CHECK(zsh("rz health --config \"\"") == "files");
}

TEST_CASE("fish completes, where it is installed") {
  const TempFolder home;
  if (!has_shell("fish", home)) return;
  const auto fish = [&](const std::string& line) {
    return run_step(
               "touch a.yaml; fish --no-config -c 'rz completion fish | source; "
               "complete -C \"" +
                   line + "\"'",
               home.path())
        .output;
  };
  CHECK(fish("rz cascade rel") == "release\tTake the pin away; the next evaluation decides\n");
  CHECK(fish("rz cascade set ") == "heuristic\nprimary\nsafe\n");  // It sorts them.
  CHECK(fish("rz health --format=ju") == "--format=junit\n");
  CHECK(fish("rz health --config a").starts_with("a.yaml"));
}

}  // namespace rz::testing
