// What must hold for every command of every program, by the tables that their help prints.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "golden.h"
#include "help_row.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/programs.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// `rz health report`, and its row.
struct CommandRow {
  std::string words;
  Value row;
};

std::vector<CommandRow> every_command(const TempFolder& home) {
  std::vector<CommandRow> all;
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string program = "rz " + std::string(one.name);
    const auto help = parse_json(run_step(program + " --help --format json", home.path()).output);
    REQUIRE(help.has_value());
    for (const Value& row : *help->find("commands")->as_array()) {
      const std::string name = text_of(row, "name");
      all.push_back({name.empty() ? program : program + " " + name, row});
    }
  }
  return all;
}

/// `command` with a word for each operand that it needs.
std::string with_operands(const CommandRow& command) {
  std::string words = command.words;
  for (const Value& operand : *command.row.find("operands")->as_array()) {
    if (!*operand.find("required")->as_bool()) continue;
    const std::string choices = text_of(operand, "words");
    words += " " + (choices.empty() ? "x" : choices.substr(0, choices.find('|')));
  }
  return words;
}

}  // namespace

TEST_CASE("no line of any help is wider than 80 columns") {
  const TempFolder home;
  std::vector<std::string> helps = {"rz --help"};
  for (const cli::ProgramName& one : cli::kPrograms) {
    helps.push_back("rz " + std::string(one.name) + " --help");
  }
  for (const CommandRow& command : every_command(home)) helps.push_back(command.words + " --help");
  for (const std::string& help : helps) {
    const GoldenStep step = run_step(help, home.path());
    CHECK(step.exit_code == 0);
    for (std::string_view line : split(step.output, '\n')) {
      INFO(help << ": " << line);
      CHECK(display_width(line) <= 80);
    }
  }
}

TEST_CASE("every option that takes a time refuses one that is too long, in one clear line") {
  const TempFolder home;
  int options = 0;
  for (const CommandRow& command : every_command(home)) {
    for (const Value& option : *command.row.find("options")->as_array()) {
      const std::string value = text_of(option, "value");
      if (value != "D" && value != "T") continue;
      ++options;
      const std::string name = text_of(option, "name");
      for (const std::string text : {"100000d", "99999999999999999999w", "1e300s"}) {
        const std::string line = with_operands(command) + " " + name + "=" + text;
        INFO("$ " << line);
        const GoldenStep step = run_step(line, home.path());
        CHECK(step.exit_code == 3);
        CHECK(step.output == "");
        CHECK(step.error.find(": " + name + ": '" + text + "' is ") != std::string::npos);
        if (text != "1e300s") CHECK(step.error.find("longer") != std::string::npos);
        CHECK(std::count(step.error.begin(), step.error.end(), '\n') == 1);
      }
    }
  }
  CHECK(options >= 8);
}

TEST_CASE("every command that writes JSON names what it has written") {
  // What makes each of them answer, behind and before its name; `rz bench` is asked what it would
  // measure, or answers that it cannot.
  const std::map<std::string, std::string> arguments = {
      {"rz health ingest", "datadog"},
      {"rz health report", "worker healthy"},
      {"rz health forget", "worker"},
      {"rz health record", "failure"},
      {"rz cascade set", "heuristic --for 1h"},
      {"rz cascade replay", "states"},
      {"rz cond eval", "'step > 1' --var step=2"},
      {"rz cond explain", "'step > 1' --var step=2"},
      {"rz cond check", "'step > 1'"},
      {"rz cond filter", "'step > 1' -c"},
      {"rz transitions audit", "--max-degraded 1h"},
      {"rz transitions prune", "--older-than 90d"},
      {"rz transitions import", "-"},
      {"rz bench", "--list"},
      {"rz bench micro", "--list"},
      {"rz bench storage", "--list"},
      {"rz bench http", "--url http://127.0.0.1:1/ -d 1ms"},
      {"rz bench profile", "nothing"},
      {"rz bench run", "--no-such"},
      {"rz bench report", "nothing"},
      {"rz bench history", "nothing"},
  };
  const std::map<std::string, std::string> input = {
      {"rz health ingest", R"({"alert_type":"info","check":"worker"})"},
      {"rz cascade detect", R"({"severity":0.9})"},
      {"rz cond filter", R"({"step":2})"},
  };
  const TempFolder home;
  run_step("rz cascade --record states", home.path());
  int commands = 0;
  for (const CommandRow& command : every_command(home)) {
    bool writes_json = false;
    for (const Value& format : *command.row.find("formats")->as_array()) {
      writes_json = writes_json || *format.as_string() == "json";
    }
    if (!writes_json || command.words.ends_with(" schema")) continue;
    std::string line = command.words + " --format json";
    if (const auto found = arguments.find(command.words); found != arguments.end()) {
      line += " " + found->second;
    }
    const auto said = input.find(command.words);
    const std::string typed = said == input.end() ? "" : said->second;
    const GoldenStep step = run_step("echo '" + typed + "' | " + line, home.path());
    INFO("$ " << line << "\n" << step.output << step.error);
    const auto document = parse_json(step.output);
    REQUIRE(document.has_value());
    const Value* schema = document->find("schema");
    REQUIRE(schema != nullptr);
    const std::string expected = text_of(command.row, "schema");
    const bool lists = *schema == Value("rz.bench.list/1") && line.ends_with("--list");
    CHECK((*schema == Value(expected) || lists));
    // A failure has it from elsewhere.
    if (!command.words.starts_with("rz bench")) CHECK(document->find("error") == nullptr);
    ++commands;
  }
  CHECK(commands >= 35);
}

}  // namespace rz::testing
