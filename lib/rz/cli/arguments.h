#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/cli/command.h"

namespace rz::cli {

/// What a command line says, weighed against the table of its command. Whoever asks for a name that
/// the command does not have made a mistake in the program: std::logic_error.
class Arguments {
 public:
  /// Whether the option was given.
  bool has(std::string_view option) const { return count(option) > 0; }
  std::size_t count(std::string_view option) const;

  /// The value of the option; its preset, or an empty text, where it was not given.
  std::string text(std::string_view option) const;
  /// Its value if the command has such an option and it is given.
  std::optional<std::string> given(std::string_view option) const;
  /// The same for an option whose value is a whole number; nothing where it was not given.
  std::optional<std::int64_t> number(std::string_view option) const;
  /// Each value of a repeatable option, in the order given.
  std::vector<std::string> all(std::string_view option) const;

  /// The operand of that name; nothing where it was not given.
  std::optional<std::string> operand(std::string_view name) const;
  /// The operands that the `many` one takes.
  std::vector<std::string> operands(std::string_view name) const;

  const Command& command() const { return *command_; }

 private:
  friend class CommandApp;
  struct Taken {
    const Option* option;
    std::vector<std::string> values;  ///< One for each time that it was given, of a flag, too.
    std::string preset;
  };
  const Taken& taken(std::string_view option) const;
  std::size_t place_of(std::string_view operand) const;

  const Command* command_ = nullptr;
  std::vector<Taken> options_;  ///< All that the command takes.
  std::vector<std::string> operands_;
};

/// What to do with a command line.
struct Parsed {
  enum class Kind { run, help, version };
  Kind kind = Kind::run;
  /// The command that was named; for help nothing means the program itself.
  const Command* command = nullptr;
  Arguments arguments = {};
  /// `--format`, as far as it was given; weighed for Kind::run only.
  std::string format = {};
  bool pretty = false;  ///< `--pretty`, also for wrong usage.
  /// `--exit-style`, as far as it was given: it holds for wrong usage, too.
  std::string exit_style = {};
  /// What is wrong, in a sentence; empty: nothing. Then only `command`, `format`,
  /// `pretty` and `exit_style` count.
  std::string wrong = {};
};

/// Reads the words behind the program's name. Options stand before or behind the command, and
/// before or behind operands; after `--` all words are operands. A word that begins with `-` and
/// has the shape of an option is exactly one or wrong; one that has not (`-n5 > 3`) is an operand.
/// `--help`, `--version` and `help` as the first word win over all that is wrong. What the words
/// mean for the command is CLI11's to say (see command_app.h).
Parsed parse_arguments(const Program& program, const std::vector<std::string>& words);

}  // namespace rz::cli
