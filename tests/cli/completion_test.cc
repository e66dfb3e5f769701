// Completion, by the shells themselves where they are installed.

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "golden.h"
#include "help_row.h"
#include "rz/base/json.h"
#include "rz/cli/programs.h"
#include "rz/reports/formats.h"
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

/// The formats of a document that begin so, each between `before` and `after`.
template <class Document>
std::string formats(std::string_view begin, std::string_view before = "",
                    std::string_view after = " ") {
  std::string all;
  for (const std::string_view name : reports::kNamesFor<Document>) {
    if (name.starts_with(begin)) all.append(before).append(name).append(after);
  }
  return all;
}

/// The commands of a program that begin so, by its own account.
std::string commands(const std::string& program, std::string_view begin) {
  const TempFolder home;
  const auto help = parse_json(run_step("rz " + program + " -h --format json", home.path()).output);
  REQUIRE(help.has_value());
  std::string all;
  for (const Value& row : *help->find("commands")->as_array()) {
    const std::string name = text_of(row, "name");
    if (!name.empty() && name.starts_with(begin)) all += name + " ";
  }
  CHECK(!all.empty());
  return all;
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
  CHECK(offered("cascade s") == commands("cascade", "s"));
  CHECK(offered("cascade set ''") == "primary heuristic safe ");
  CHECK(offered("cascade set safe --f") == "--for --forever --format ");
  CHECK(offered("cascade set --for 1h h") == "heuristic ");
  CHECK(offered("--format json cascade status --require s") == "safe ");
  CHECK(offered("health --format ''") == formats<reports::HealthReport>(""));
  CHECK(offered("health --format=j") == formats<reports::HealthReport>("j", "--format="));
  CHECK(offered("transitions list --format m") == formats<reports::TransitionsWriter>("m"));
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
  const std::string of_health = formats<reports::HealthReport>("j", "[", "]");
  CHECK(bash("rz health --format j") == of_health);
  // Bash takes `=` for a word, and replaces what is behind it.
  CHECK(bash("rz cascade --format =") == formats<reports::CascadeAnswer>("", "[", "]"));
  CHECK(bash("rz health --format = j") == of_health);
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
  CHECK(fish("rz health --format=junit") == "--format=junit\n");
  CHECK(fish("rz health --config a").starts_with("a.yaml"));
}

}  // namespace rz::testing
