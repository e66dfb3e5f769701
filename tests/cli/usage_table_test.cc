// Every command of every program with every option and format of its siblings: what is not its own
// is wrong usage and changes nothing. The commands come from the programs themselves (their help as
// JSON), so a new one is covered as soon as it is in its table.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "golden.h"
#include "help_row.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/programs.h"
#include "support/paths.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

struct TableOption {
  std::string name;
  std::string short_name;
  std::string value;  ///< Empty: a flag.
  std::string sample;
  bool required = false;
  bool value_optional = false;
  bool may_be_empty = false;
};

struct TableCommand {
  std::string line;                   ///< `rz cascade set safe`, with all that it needs.
  std::string before;                 ///< `rz cascade set`
  std::vector<std::string> operands;  ///< Samples of all, not only of those that it needs.
  std::vector<bool> operand_may_be_empty;
  std::vector<TableOption> options;
  std::set<std::string> formats;

  bool takes(const std::string& option) const {
    return std::any_of(options.begin(), options.end(),
                       [&](const TableOption& own) { return own.name == option; });
  }
};

// A value that the option takes, and one that would do harm if it took effect.
std::string sample_of(const std::string& option, const Value& value) {
  const std::string choices = text_of(value, "choices");
  if (!choices.empty()) return choices.substr(0, choices.find('|'));
  static const std::map<std::string, std::string> kSamples = {{"--older-than", "1ms"},
                                                              {"--for", "1s"},
                                                              {"--to", "safe"},
                                                              {"--from", "safe"},
                                                              {"--report", "json=report.json"}};
  const auto sample = kSamples.find(option);
  return sample != kSamples.end() ? sample->second : "1";
}

std::string operand_of(const std::string& name) {
  static const std::map<std::string, std::string> kOperands = {
      {"MODE", "safe"}, {"STATUS", "failed"}, {"EVENT", "failure"}, {"EXPR", "true"}};
  const auto operand = kOperands.find(name);
  return operand != kOperands.end() ? operand->second : "x";
}

TableOption read_option(const Value& option) {
  TableOption read;
  read.name = text_of(option, "name");
  read.short_name = text_of(option, "short");
  read.value = text_of(option, "value");
  read.sample = sample_of(read.name, option);
  read.required = *option.find("required")->as_bool();
  read.value_optional = *option.find("value_optional")->as_bool();
  read.may_be_empty = *option.find("may_be_empty")->as_bool();
  return read;
}

TableCommand read_command(const std::string& program, const Value& value) {
  TableCommand command;
  command.line = "rz " + program;
  if (const std::string name = text_of(value, "name"); !name.empty()) command.line += " " + name;
  command.before = command.line;
  for (const Value& operand : *value.find("operands")->as_array()) {
    command.operands.push_back(operand_of(text_of(operand, "name")));
    command.operand_may_be_empty.push_back(*operand.find("may_be_empty")->as_bool());
    if (*operand.find("required")->as_bool()) {
      command.line += " " + operand_of(text_of(operand, "name"));
    }
  }
  for (const Value& option : *value.find("options")->as_array()) {
    TableOption read = read_option(option);
    if (read.required) command.line += " " + read.name + " " + read.sample;
    command.options.push_back(std::move(read));
  }
  for (const Value& format : *value.find("formats")->as_array()) {
    command.formats.insert(*format.as_string());
  }
  return command;
}

Value read_help(const std::string& program, const TempFolder& home) {
  const auto help = run_step("rz " + program + " --help --format json", home.path());
  REQUIRE(help.exit_code == 0);
  auto document = parse_json(help.output);
  REQUIRE(document.has_value());
  return std::move(*document);
}

std::vector<TableCommand> read_commands(const std::string& program, const TempFolder& home) {
  const Value help = read_help(program, home);
  std::vector<TableCommand> commands;
  for (const Value& command : *help.find("commands")->as_array()) {
    CHECK(!text_of(command, "summary").empty());
    CHECK(!text_of(command, "exits").empty());
    CHECK(text_of(command, "schema").starts_with("rz."));
    commands.push_back(read_command(program, command));
  }
  return commands;
}

/// Runs `rz PROGRAM …` without the start of `rz`, which only hands the words on.
GoldenStep run_directly(const std::string& line, const TempFolder& home) {
  REQUIRE(line.starts_with("rz "));
  return run_step(test::build_dir() + "/libexec/rz/rz-" + line.substr(3), home.path());
}

/// The bytes of all files below `folder`.
std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto text = read_file(entry.path().string(), 64 << 20);
    REQUIRE(text.has_value());
    files[entry.path().string()] = *text;
  }
  return files;
}

/// A home whose store has a history, a pin and a component.
void fill(const TempFolder& home) {
  for (const char* command : {"rz cascade set heuristic", "rz cascade set safe --reason keep",
                              "rz health report x healthy", "printf '{\"severity\": 1}\\n' > x"}) {
    REQUIRE(run_step(command, home.path()).exit_code == 0);
  }
}

}  // namespace

TEST_CASE("an option of a sibling is wrong usage and changes nothing") {
  const TempFolder home;
  fill(home);
  const auto before = contents(home.path());
  std::size_t refused = 0;
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string program = one.name;
    const auto commands = read_commands(program, home);
    std::map<std::string, TableOption> all;
    for (const TableCommand& command : commands) {
      for (const TableOption& option : command.options) {
        const auto [same, added] = all.emplace(option.name, option);
        // What follows an option must not depend on the command, which may stand behind it.
        CHECK(same->second.value.empty() == option.value.empty());
        CHECK(same->second.short_name == option.short_name);
        CHECK(same->second.may_be_empty == option.may_be_empty);
      }
    }
    for (const TableCommand& command : commands) {
      for (const auto& [name, option] : all) {
        if (command.takes(name)) continue;
        const std::string words = option.value.empty() ? name : name + "=" + option.sample;
        const std::string line = command.line + " " + words + " </dev/null";
        INFO(line);
        const GoldenStep step = run_directly(line, home);
        CHECK(step.exit_code == 3);
        CHECK(step.error.find(" does not take " + name + ";") != std::string::npos);
        ++refused;
      }
    }
  }
  CHECK(refused >= 100);
  CHECK((contents(home.path()) == before));
}

TEST_CASE("a format that a command cannot write is wrong usage and changes nothing") {
  const TempFolder home;
  fill(home);
  const auto before = contents(home.path());
  std::vector<TableCommand> commands;
  std::set<std::string> formats = {"xml", "", "JSON"};
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string program = one.name;
    for (TableCommand& command : read_commands(program, home)) {
      formats.insert(command.formats.begin(), command.formats.end());
      commands.push_back(std::move(command));
    }
  }
  CHECK(formats.size() >= 5);
  for (const TableCommand& command : commands) {
    for (const std::string& format : formats) {
      if (command.formats.contains(format)) continue;
      const std::string line = command.line + " '--format=" + format + "' </dev/null";
      INFO(line);
      const GoldenStep step = run_directly(line, home);
      CHECK(step.exit_code == 3);
      CHECK(step.error.find(" cannot write '" + format + "'; use ") != std::string::npos);
    }
  }
  CHECK((contents(home.path()) == before));
}

// `--storage "$STORE"` with STORE unset must not ask the store that holds by default.
TEST_CASE("an empty value is wrong usage and changes nothing, unless the table says otherwise") {
  const TempFolder home;
  fill(home);
  const auto before = contents(home.path());
  const auto refuses = [&home](const std::string& line) {
    INFO(line);
    const GoldenStep step = run_directly(line + " </dev/null", home);
    CHECK(step.exit_code == 3);
    CHECK(step.error.find("Try 'rz ") != std::string::npos);
  };
  std::set<std::string> may_be_empty;
  std::size_t refused = 0;
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string program = one.name;
    std::vector<TableOption> common;
    const Value help = read_help(program, home);
    for (const Value& option : *help.find("common_options")->as_array()) {
      common.push_back(read_option(option));
    }
    for (TableCommand& command : read_commands(program, home)) {
      auto options = command.options;
      options.insert(options.end(), common.begin(), common.end());
      for (const TableOption& option : options) {
        if (option.value.empty()) continue;
        if (option.may_be_empty) {
          may_be_empty.insert(command.before + " " + option.name);
          continue;
        }
        refuses(command.line + " " + option.name + "=");
        if (!option.value_optional) refuses(command.line + " " + option.name + " ''");
        ++refused;
      }
      std::string line = command.before;
      for (std::size_t i = 0; i < command.operands.size(); ++i) {
        if (!command.operand_may_be_empty[i]) refuses(line + " ''");
        line += " " + command.operands[i];
      }
    }
  }
  CHECK(refused >= 100);
  CHECK((may_be_empty == std::set<std::string>{"rz bench http --body", "rz cascade set --reason",
                                               "rz health report --message"}));
  CHECK((contents(home.path()) == before));
}

TEST_CASE("an exit style holds for wrong usage, too") {
  const TempFolder home;
  std::size_t styled = 0;
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string program = one.name;
    for (const TableCommand& command : read_commands(program, home)) {
      if (!command.takes("--exit-style")) continue;
      ++styled;
      for (const std::string wrong : {"--bogus", "--storage ''", "--format xml", "a b c d"}) {
        INFO(command.line << " " << wrong);
        CHECK(run_directly(command.line + " --exit-style docker " + wrong, home).exit_code == 1);
        CHECK(run_directly(command.line + " " + wrong + " --exit-style=boolean", home).exit_code ==
              1);
        CHECK(run_directly(command.line + " --exit-style nagios " + wrong, home).exit_code == 3);
      }
    }
  }
  CHECK(styled >= 3);
}

}  // namespace rz::testing
