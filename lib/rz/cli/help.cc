#include "rz/cli/help.h"

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/storage/storage_schemes.h"

namespace rz::cli {
namespace {

constexpr std::size_t kHelpWidth = 80;

/// `text` in lines of at most kHelpWidth columns. All lines but the first begin with `indent`
/// blanks.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::size_t column = indent;
  for (std::string_view word : split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kHelpWidth) {
      wrapped.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string entry(std::string_view left, std::string_view right) {
  constexpr std::size_t kIndent = 2;
  constexpr std::size_t kColumn = 26;
  std::string line = std::string(kIndent, ' ').append(left);
  if (line.size() + 2 > kColumn) {
    line.append("\n").append(kColumn, ' ');
  } else {
    line.append(kColumn - line.size(), ' ');
  }
  return line.append(wrap(right, kColumn)).append("\n");
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

bool has_named_commands(const Program& program) {
  return program.commands.size() > (program.bare() != nullptr ? 1 : 0);
}

std::string usage_line(const Program& program, const Command* command, bool whole_program) {
  std::string usage = "\nUsage: " + full_name(program, command) + " [OPTION]…";
  if (whole_program && has_named_commands(program)) {
    usage += program.bare() != nullptr ? " [COMMAND]" : " COMMAND";
  }
  if (command == nullptr) return usage + "\n";
  for (const Operand& operand : command->operands) {
    std::string name(operand.name);
    if (operand.many) name += "…";
    usage += operand.required ? " " + name : " [" + name + "]";
  }
  return usage + "\n";
}

// `memory, sqlite or redis`.
std::string scheme_names() {
  std::vector<std::string> names;
  for (const storage::StorageScheme& scheme : storage::storage_schemes())
    names.emplace_back(scheme.name);
  return join_or(names);
}

std::string option_entry(const Option& option, Names formats) {
  std::string left(option.short_name);
  if (!left.empty()) left += ' ';
  left += option.name;
  if (option.value_optional) {
    left.append("[=").append(option.value).append("]");
  } else if (!option.value.empty()) {
    left.append(" ").append(option.value);
  }
  std::string about(option.about);
  if (option.required) about += " (required)";
  if (option.name == "--format") about += ": " + join(strings(formats), ", ");
  if (option.name == "--storage") about += "; its scheme is " + scheme_names();
  if (!option.preset.empty()) about.append(" [").append(option.preset).append("]");
  return entry(left, about);
}

std::string options_list(std::string_view title, std::span<const Option> options, Names formats) {
  if (options.empty()) return {};
  std::string text = "\n" + std::string(title) + ":\n";
  for (const Option& option : options) text += option_entry(option, formats);
  return text;
}

std::string commands_list(const Program& program) {
  if (!has_named_commands(program)) return {};
  std::string text = "\nCommands:\n";
  for (const Command& command : program.commands) {
    if (!command.name.empty()) text += entry(command.name, first_line(command.summary));
  }
  return text;
}

std::string operands_list(std::span<const Operand> operands) {
  std::string text;
  for (const Operand& operand : operands) text += entry(operand.name, operand.about);
  return text.empty() ? text : "\nArguments:\n" + text;
}

Value option_value(const Option& option) {
  const auto text = [](std::string_view view) {
    return view.empty() ? Value() : Value(std::string(view));
  };
  return Value::object({{"name", std::string(option.name)},
                        {"short", text(option.short_name)},
                        {"value", text(option.value)},
                        {"about", std::string(option.about)},
                        {"choices", text(option.choices)},
                        {"words", text(option.words)},
                        {"preset", text(option.preset)},
                        {"required", option.required},
                        {"repeatable", option.repeatable},
                        {"value_optional", option.value_optional},
                        {"may_be_empty", option.may_be_empty}});
}

Value command_value(const Command& command) {
  Value options = Value::array();
  for (const Option& option : command.options) options.push_back(option_value(option));
  Value operands = Value::array();
  for (const Operand& operand : command.operands) {
    operands.push_back(Value::object(
        {{"name", std::string(operand.name)},
         {"about", std::string(operand.about)},
         {"words", operand.words.empty() ? Value() : Value(std::string(operand.words))},
         {"required", operand.required},
         {"many", operand.many},
         {"may_be_empty", operand.may_be_empty}}));
  }
  Value formats = Value::array();
  for (std::string_view format : command.formats) formats.push_back(std::string(format));
  return Value::object({{"name", std::string(command.name)},
                        {"summary", first_line(command.summary)},
                        {"operands", std::move(operands)},
                        {"options", std::move(options)},
                        {"formats", std::move(formats)},
                        {"exits", std::string(command.exits)},
                        {"schema", std::string(command.schema)}});
}

}  // namespace

std::string help_text(const Program& program, const Command* command) {
  if (command == nullptr) command = program.bare();
  const bool whole = command == nullptr || command->name.empty();
  std::string help(whole ? program.summary : command->summary);
  if (!whole) help += ".";
  help += "\n";
  const std::string_view examples = whole ? program.examples : command->examples;
  if (!examples.empty()) {
    help += "\nExamples:\n";
    for (std::string_view line : split(trim(examples), '\n')) {
      help.append("  ").append(trim(line)).append("\n");
    }
  }
  help += usage_line(program, command, whole);
  if (whole) help += commands_list(program);
  if (command != nullptr) {
    help += operands_list(command->operands);
    help += options_list("Options", command->options, command->formats);
  }
  help += options_list("Common options", common_options(),
                       command != nullptr ? command->formats : Names(kTextJson));
  if (command != nullptr) {
    help += "\nExit codes: " + wrap(command->exits, 12) + "\n";
  } else {
    help += "\n'" + std::string(program.name) + " help COMMAND' tells more of each command.\n";
  }
  return help;
}

std::string help_as_json(const Program& program) {
  Value commands = Value::array();
  for (const Command& command : program.commands) commands.push_back(command_value(command));
  Value common = Value::array();
  for (const Option& option : common_options()) common.push_back(option_value(option));
  return to_json(Value::object({{"schema", "rz.help/1"},
                                {"program", std::string(program.name)},
                                {"summary", std::string(program.summary)},
                                {"commands", std::move(commands)},
                                {"common_options", std::move(common)}}),
                 2) +
         "\n";
}

}  // namespace rz::cli
