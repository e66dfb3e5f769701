#include "rz/cli/command_app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "rz/base/text.h"

namespace rz::cli {
namespace {

using Strings = std::vector<std::string>;

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

Strings choices_of(const Option& option) {
  const auto choices = split(option.choices, '|');
  return {choices.begin(), choices.end()};
}

/// Writes an option in the only way that CLI11 never misunderstands: it reads `--name=` as an
/// option whose value is the next word.
void write(const GivenOption& given, Strings& words) {
  std::string word(given.option->name);
  if (given.option->value.empty()) {
    words.push_back(std::move(word));
  } else if (given.value.empty()) {
    words.push_back(std::move(word));
    words.emplace_back();
  } else {
    words.push_back(word + "=" + given.value);
  }
}

}  // namespace

/// A CLI::App made from one row of the table. Its words are in canonical form (see write): short
/// names and the help have been dealt with before.
class CommandApp {
 public:
  CommandApp(const Program& program, const Command& command, std::size_t operands)
      : program_(program), command_(command) {
    for (const Option& option : command.options) add(option);
    for (const Option& option : common_options()) {
      // Help and version have been answered, and a command may have an option of that name itself.
      if (option.name != "--help" && option.name != "--version" && !has(option.name)) add(option);
    }
    for (std::size_t i = 0; i < command.operands.size(); ++i) add(i, operands);
    for (const auto& [option, added] : options_) exclude(*option, *added);
  }

  Weighed parse(Strings words) {
    Weighed weighed;
    std::reverse(words.begin(), words.end());  // CLI11 expects them in reverse order.
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      weighed.wrong = message(error);
    }
    // The first remaining word is the `--` itself.
    const Strings remaining = app_.remaining();
    if (remaining.size() > 1) weighed.unexpected = remaining[1];
    weighed.arguments = arguments();
    return weighed;
  }

 private:
  bool has(std::string_view name) const {
    return std::any_of(options_.begin(), options_.end(),
                       [name](const auto& added) { return added.first->name == name; });
  }

  void add(const Option& option) {
    const std::string name(option.name);
    CLI::Option* added = option.value.empty() ? app_.add_flag(name) : app_.add_option(name);
    options_.emplace_back(&option, added);
    added->required(option.required)->default_str(std::string(option.preset));
    if (option.repeatable || option.value.empty()) added->take_all();
    if (option.name == "--format") {
      check_member(*added, strings(command_.formats),
                   in_quotes(full_name(program_, &command_)) + " cannot write ", "; use ");
    } else if (!option.choices.empty()) {
      check_member(*added, choices_of(option), "", " is not valid; use one of ");
    }
    if (option.max > option.min) check_range(*added, option.min, option.max);
  }

  // The number of values is given to CLI11: for an option with any number of them it would read
  // `[a,b]` as a list of two.
  void add(std::size_t place, std::size_t given) {
    const Operand& operand = command_.operands[place];
    CLI::Option* added = app_.add_option(std::string(operand.name));
    added->required(operand.required);
    if (operand.many && given > place) added->expected(static_cast<int>(given - place));
    operands_.push_back(added);
  }

  // A name that the command does not have is a mistake in its table; CLI11 throws.
  void exclude(const Option& option, CLI::Option& added) {
    if (option.not_with.empty()) return;
    for (const std::string_view other : split(option.not_with, '|')) {
      added.excludes(app_.get_option(std::string(other)));
    }
  }

  static void check_member(CLI::Option& option, const Strings& members, std::string before,
                           const std::string& behind) {
    option.check([member = CLI::IsMember(members), before = std::move(before),
                  way_out = behind + join(members, ", ")](const std::string& value) {
      return member(value).empty() ? std::string() : before + in_quotes(value) + way_out;
    });
  }

  // Numbers are read here, since CLI11 would read `010` as eight and accept `0x1f`.
  static void check_range(CLI::Option& option, std::int64_t min, std::int64_t max) {
    option.check([range = CLI::Range(min, max), min, max](const std::string& value) {
      const auto number = parse_int(value);
      if (number && range(std::to_string(*number)).empty()) return std::string();
      return in_quotes(value) + " is not a whole number from " + std::to_string(min) + " to " +
             std::to_string(max);
    });
  }

  /// The checks above make the messages themselves; each begins with the option's name and a colon.
  std::string message(const CLI::ParseError& error) const {
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find_first_of(": "));
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
      return name + " is given more than once, but has one value";
    }
    if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
      return name + " cannot be used with " + text.substr(text.rfind(' ') + 1);
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      for (const Option& option : command_.options) {
        if (option.name == name) return name + " " + std::string(option.value) + " is required";
      }
    }
    return text;
  }

  Arguments arguments() const {
    Arguments arguments;
    arguments.command_ = &command_;
    for (const auto& [option, added] : options_) {
      arguments.options_.push_back({option, added->results(), added->get_default_str()});
    }
    for (const CLI::Option* added : operands_) {
      const Strings& values = added->results();
      arguments.operands_.insert(arguments.operands_.end(), values.begin(), values.end());
    }
    return arguments;
  }

  const Program& program_;
  const Command& command_;
  CLI::App app_;
  std::vector<std::pair<const Option*, CLI::Option*>> options_;
  std::vector<CLI::Option*> operands_;
};

Weighed weigh(const Program& program, const Command& command,
              const std::vector<GivenOption>& options, const Strings& operands) {
  Strings words;
  for (const GivenOption& given : options) write(given, words);
  words.emplace_back("--");
  words.insert(words.end(), operands.begin(), operands.end());
  return CommandApp(program, command, operands.size()).parse(std::move(words));
}

}  // namespace rz::cli
