#include "rz/cli/arguments.h"

#include <algorithm>
#include <stdexcept>

#include "rz/base/text.h"
#include "rz/cli/command_app.h"

namespace rz::cli {
namespace {

bool is_name_character(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; }

// `--name`, `--name=ANYTHING`, `-n`, `-name`: what a person would take for an option. A condition
// such as `-n > 3` or a number is none.
bool has_shape_of_option(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  const std::string_view name = word.substr(word[1] == '-' ? 2 : 1);
  const std::size_t end = std::min(name.find('='), name.size());
  return end > 0 && is_alpha(name[0]) &&
         std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end),
                     is_name_character);
}

// `-vv` is `-v -v`. No other option is written in one word with another, or with its value.
bool repeats(std::string_view word, std::string_view short_name) {
  return !short_name.empty() && word.size() >= 2 && word[0] == '-' &&
         word.find_first_not_of(short_name[1], 1) == std::string_view::npos;
}

/// Whether `word` is `option`, written in one of its ways.
bool is_written(const Option& option, std::string_view word) {
  if (word.empty()) return false;
  if (word == option.name || word == option.short_name) return true;
  if (option.value.empty()) return repeats(word, option.short_name);
  return word.size() > option.name.size() && word.starts_with(option.name) &&
         word[option.name.size()] == '=';
}

const Option* find_written(std::span<const Option> options, std::string_view word) {
  for (const Option& option : options) {
    if (is_written(option, word)) return &option;
  }
  return nullptr;
}

const Option* find_named(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::vector<std::string> names_of(std::span<const Option> options) {
  std::vector<std::string> names;
  for (const Option& option : options) names.emplace_back(option.name);
  return names;
}

std::vector<std::string> command_names(const Program& program) {
  std::vector<std::string> names;
  for (const Command& command : program.commands) {
    if (!command.name.empty()) names.emplace_back(command.name);
  }
  return names;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

std::string full_name(const Program& program, const Command* command) {
  std::string name(program.name);
  if (command != nullptr && !command->name.empty()) name.append(" ").append(command->name);
  return name;
}

std::span<const Option> common_options() {
  static constexpr Option kCommon[] = {
      {.name = "--help", .short_name = "-h", .about = "This help"},
      {.name = "--version", .about = "The version"},
      {.name = "--config",
       .value = "FILE",
       .about = "Configuration file (else RZ_CONFIG, the user's, /etc/rz/rz.yaml)"},
      {.name = "--storage",
       .value = "URL",
       .about = "Where state is kept (else RZ_STORAGE_URL, the configuration, an embedded file)"},
      {.name = "--format", .value = "FMT", .about = "Output"},
      {.name = "--pretty", .about = "JSON indented, over several lines"},
      {.name = "--color",
       .value = "WHEN",
       .about = "auto, always or never",
       .choices = "auto|always|never"},
      {.name = "--quiet", .short_name = "-q", .about = "No warnings"},
      {.name = "--verbose", .short_name = "-v", .about = "Say more on stderr; repeatable"},
  };
  return kCommon;
}

// ---- Arguments

const Arguments::Taken& Arguments::taken(std::string_view option) const {
  for (const Taken& taken : options_) {
    if (taken.option->name == option) return taken;
  }
  throw std::logic_error("no option " + std::string(option) + " in the table of the command");
}

std::size_t Arguments::count(std::string_view option) const { return taken(option).values.size(); }

std::string Arguments::text(std::string_view option) const {
  const Taken& asked = taken(option);
  return asked.values.empty() ? asked.preset : asked.values.front();
}

std::optional<std::string> Arguments::given(std::string_view option) const {
  for (const Taken& taken : options_) {
    if (taken.option->name == option && !taken.values.empty()) return taken.values.front();
  }
  return std::nullopt;
}

std::optional<std::int64_t> Arguments::number(std::string_view option) const {
  return parse_int(text(option));
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  return taken(option).values;
}

std::size_t Arguments::place_of(std::string_view operand) const {
  for (std::size_t i = 0; i < command_->operands.size(); ++i) {
    if (command_->operands[i].name == operand) return i;
  }
  throw std::logic_error("no operand " + std::string(operand) + " in the table of the command");
}

std::optional<std::string> Arguments::operand(std::string_view name) const {
  const std::size_t place = place_of(name);
  if (place >= operands_.size()) return std::nullopt;
  return operands_[place];
}

std::vector<std::string> Arguments::operands(std::string_view name) const {
  const std::size_t place = std::min(place_of(name), operands_.size());
  return {operands_.begin() + static_cast<std::ptrdiff_t>(place), operands_.end()};
}

// ---- The first pass: what the words are. What they mean for the command is weighed by CLI11.

class ArgumentsParser {
 public:
  ArgumentsParser(const Program& program, const std::vector<std::string>& words)
      : program_(program), words_(words) {}

  Parsed parse() {
    for (std::size_t i = 0; i < words_.size(); ++i) take(i);
    return conclude();
  }

 private:
  using Kind = Parsed::Kind;

  // The first thing that is wrong is told.
  void wrong(std::string message) {
    if (parsed_.wrong.empty()) parsed_.wrong = std::move(message);
  }

  void take(std::size_t& i) {
    const std::string& word = words_[i];
    if (ended_ == words_.size() && word == "--") {
      ended_ = i;
      return;
    }
    const bool maybe_option = ended_ == words_.size() && word.size() > 1 && word[0] == '-';
    if (maybe_option) {
      if (const Option* option = find(word)) return take_option(*option, i);
      if (has_shape_of_option(word)) {
        unknown_.push_back(word);
        return;
      }
    } else if (takes_command_name()) {
      if (take_command_name(word)) return;
    }
    operands_.push_back(word);
  }

  // Those of the command first, so that its own way of writing one holds; those of its siblings
  // tell whether a value follows, and are refused in the end.
  const Option* find(std::string_view word) const {
    if (parsed_.command != nullptr) {
      if (const Option* own = find_written(parsed_.command->options, word)) return own;
    }
    if (const Option* common = find_written(common_options(), word)) return common;
    for (const Command& command : program_.commands) {
      if (const Option* option = find_written(command.options, word)) return option;
    }
    return nullptr;
  }

  bool takes_command_name() const {
    return ended_ == words_.size() && parsed_.command == nullptr && operands_.empty();
  }

  bool take_command_name(const std::string& word) {
    if (word == "help" && !asked_in_words_ && program_.find("help") == nullptr) {
      asked_in_words_ = true;
      parsed_.kind = Kind::help;
      return true;
    }
    if (word.empty()) return false;
    parsed_.command = program_.find(word);
    return parsed_.command != nullptr;
  }

  void take_option(const Option& option, std::size_t& i) {
    const std::string& word = words_[i];
    std::string value;
    if (!option.value.empty() && word != option.name && word != option.short_name) {
      value = word.substr(option.name.size() + 1);
    } else if (!option.value.empty() && !option.value_optional) {
      // A word that is an option itself was hardly meant as a value; `--name=VALUE` takes any.
      if (i + 1 == words_.size() || words_[i + 1] == "--" || find(words_[i + 1]) != nullptr) {
        wrong(word + " needs a value: " + word + " " + std::string(option.value));
        return;
      }
      value = words_[++i];
    }
    if (option.name == "--help") parsed_.kind = Kind::help;
    if (option.name == "--version" && parsed_.kind == Kind::run) parsed_.kind = Kind::version;
    if (option.name == "--format") parsed_.format = value;
    if (option.name == "--pretty") parsed_.pretty = true;
    if (option.name == kExitStyle.name) parsed_.exit_style = value;
    const bool bare = word == option.name && option.value_optional;
    const std::size_t times = option.value.empty() && !word.starts_with("--") ? word.size() - 1 : 1;
    for (std::size_t n = 0; n < times; ++n) given_.push_back({&option, value, bare});
  }

  Parsed conclude() {
    if (parsed_.kind == Kind::version)
      return Parsed{
          .kind = Kind::version, .format = parsed_.format, .exit_style = parsed_.exit_style};
    if (parsed_.kind == Kind::help) {
      Parsed help{.kind = Kind::help,
                  .command = parsed_.command,
                  .format = parsed_.format,
                  .exit_style = parsed_.exit_style};
      if (asked_in_words_ && parsed_.command == nullptr && !operands_.empty()) {
        help.wrong = unknown_command(operands_.front());
      }
      return help;
    }
    if (parsed_.command == nullptr) parsed_.command = program_.bare();
    if (!unknown_.empty()) wrong(unknown_option(unknown_.front()));
    if (parsed_.command == nullptr) {
      wrong_without_command();
    } else {
      weigh_for_command();
    }
    return std::move(parsed_);
  }

  void wrong_without_command() {
    wrong(operands_.empty() ? "a command is missing: " + join(command_names(program_), ", ")
                            : unknown_command(operands_.front()));
  }

  void weigh_for_command() {
    const Command& command = *parsed_.command;
    const auto is_format = [](const GivenOption& given) {
      return given.option->name == "--format";
    };
    if (std::none_of(given_.begin(), given_.end(), is_format)) {
      parsed_.format = command.formats.front();
    }
    if (parsed_.pretty && parsed_.format != "json" && !parsed_.format.ends_with("+json")) {
      wrong("--pretty is for JSON; add --format json");
    }
    for (GivenOption& given : given_) {
      resolve(given);
      refuse_empty(given);
    }
    for (std::size_t i = 0; i < operands_.size() && !command.operands.empty(); ++i) {
      const Operand& operand = command.operands[std::min(i, command.operands.size() - 1)];
      if (operands_[i].empty() && !operand.may_be_empty)
        wrong(std::string(operand.name) + " needs a value, but it is empty");
    }
    if (!parsed_.wrong.empty()) return;
    Weighed weighed = weigh(program_, command, given_, operands_);
    if (weighed.unexpected) wrong(unexpected(*weighed.unexpected));
    wrong(std::move(weighed.wrong));
    parsed_.arguments = std::move(weighed.arguments);
  }

  // An option that stood before the command may have been found in the row of a sibling.
  void resolve(GivenOption& given) {
    const std::string_view name = given.option->name;
    if (const Option* own = find_named(parsed_.command->options, name)) {
      given.option = own;
    } else if (find_named(common_options(), name) == nullptr) {
      wrong(quoted(full_name(program_, parsed_.command)) + " does not take " + std::string(name) +
            "; it is an option of " + owners(*given.option));
    }
  }

  // What has choices or is a number says by itself that nothing is not one of them.
  void refuse_empty(const GivenOption& given) {
    const Option& option = *given.option;
    const bool judged = !option.choices.empty() || option.max > option.min;
    if (option.value.empty() || given.bare || !given.value.empty()) return;
    if (option.may_be_empty || judged || option.name == "--format") return;
    wrong(std::string(option.name) + " needs a value, but it is empty: " +
          std::string(option.name) + " " + std::string(option.value));
  }

  std::string owners(const Option& option) const {
    std::vector<std::string> names;
    for (const Command& command : program_.commands) {
      if (find_named(command.options, option.name) == nullptr) continue;
      names.push_back(quoted(full_name(program_, &command)));
    }
    return join(names, " and ");
  }

  std::string unexpected(const std::string& operand) const {
    if (parsed_.command->name.empty() && parsed_.command->operands.empty() &&
        !command_names(program_).empty() && ended_ == words_.size() && !operand.starts_with('-')) {
      return unknown_command(operand);
    }
    std::string message = "unexpected argument " + quoted(operand);
    const auto behind = words_.begin() + static_cast<std::ptrdiff_t>(ended_);
    const auto option = std::find_if(behind, words_.end(), [this](const std::string& word) {
      return word != "--" && word.size() > 1 && word[0] == '-' && find(word) != nullptr;
    });
    if (option != words_.end()) {
      message += "; after '--' all words are arguments, " + quoted(*option) +
                 " too: put the options before it";
    }
    return message;
  }

  std::string unknown_command(const std::string& word) const {
    const auto names = command_names(program_);
    const std::string near = suggestion(word, names);
    return "unknown command " + quoted(word) +
           (near.empty() ? "; there are " + join(names, ", ") : near);
  }

  std::string unknown_option(const std::string& word) const {
    const std::string flag = word.substr(0, word.find('='));
    const std::string first = word.substr(0, 2);
    std::string message = "unknown option " + quoted(flag);
    if (word.size() > 2 && word[1] != '-' && find(first) != nullptr) {
      return message + "; " + quoted(first) + " is a word of its own, and so is a value behind it";
    }
    if (find(flag) != nullptr) return quoted(flag) + " takes no value";
    auto names = names_of(common_options());
    if (parsed_.command != nullptr) {
      const auto own = names_of(parsed_.command->options);
      names.insert(names.end(), own.begin(), own.end());
    }
    const std::string near = suggestion(flag, names);
    const bool takes_operands = parsed_.command != nullptr && !parsed_.command->operands.empty();
    if (near.empty() && takes_operands) return message + "; put '--' before it if it is none";
    return message + near;
  }

  const Program& program_;
  const std::vector<std::string>& words_;
  std::size_t ended_ = words_.size();  ///< Where `--` stands.
  bool asked_in_words_ = false;        ///< By `help`.
  std::vector<std::string> unknown_;
  std::vector<GivenOption> given_;
  std::vector<std::string> operands_;
  Parsed parsed_;
};

Parsed parse_arguments(const Program& program, const std::vector<std::string>& words) {
  return ArgumentsParser(program, words).parse();
}

}  // namespace rz::cli
