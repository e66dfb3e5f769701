#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

/// The commands of a program as tables of plain data. Parsing, help, the check of wrong usage and
/// the help as JSON are made from them, as are the tests that cover all commands. All views are of
/// text that lives as long as the program (literals and constants).
namespace rz::cli {

class Arguments;
class Context;

/// An option of one command. It is written as `--name`, `--name VALUE` or `--name=VALUE`, or by its
/// short name with the value as the next word, and in no other way.
struct Option {
  std::string_view name;             ///< `--for`.
  std::string_view short_name = {};  ///< `-c`, or none.
  std::string_view value = {};       ///< The name of the value in help; empty: a flag.
  std::string_view about;            ///< Help: half a sentence, no full stop.
  std::string_view choices = {};     ///< `fail|skip|false`: the only values; empty: any.
  std::string_view words = {};       ///< `primary|safe`: values that completion offers; whoever
                                     ///< reads the option judges what it gets.
  std::string_view preset = {};      ///< The value where the option is not given; help shows it.
  std::string_view not_with = {};    ///< `--save|--compare`: beside any of them it is wrong usage.
  bool required = false;
  bool repeatable = false;      ///< Each value counts. A flag may always be repeated.
  bool value_optional = false;  ///< The value is given as `--name=VALUE`, or not at all.
  bool may_be_empty = false;    ///< `''` has a meaning. Otherwise it is wrong usage: most often it
                                ///< comes from a variable of a shell that is not set.
  std::int64_t min = 0;         ///< With `max` above it: the value is a whole number
  std::int64_t max = 0;         ///< from `min` to `max`.
};

/// An argument of a command without an option's name. Only the last one may be `many`.
struct Operand {
  std::string_view name;  ///< `FILE`.
  std::string_view about;
  std::string_view words = {};  ///< As of an option: what completion offers.
  bool required = false;
  bool many = false;
  bool may_be_empty = false;  ///< As for an option: otherwise `''` is wrong usage.
};

using Names = std::span<const std::string_view>;
inline std::vector<std::string> strings(Names names) { return {names.begin(), names.end()}; }

inline constexpr std::string_view kText[] = {"text"};
inline constexpr std::string_view kJson[] = {"json"};
inline constexpr std::string_view kTextJson[] = {"text", "json"};

/// A subcommand, or, without a name, what the program does where none is named.
struct Command {
  std::string_view name = {};
  std::string_view summary;                ///< A line without a full stop; more lines are shown in
                                           ///< the command's own help only.
  std::string_view examples = {};          ///< Lines as they would be typed.
  std::span<const Operand> operands = {};  ///< In their order.
  std::span<const Option> options = {};    ///< Its own; the common ones are added.
  Names formats = kTextJson;               ///< Those that it writes; the first is the default.
  std::string_view exits;                  ///< Its exit codes, as one line.
  std::string_view schema = {};            ///< Of its JSON; named in the object of a failure too.
  std::string_view answer = {};            ///< The member that is null in the object of a failure.
  Result<int> (*run)(Context&, const Arguments&) = nullptr;
};

/// For commands that answer by their exit code. With `docker` or `boolean` run_program turns every
/// code but 0 into 1: Docker reserves 2, and a probe that runs a program knows no other codes.
inline constexpr Option kExitStyle = {.name = "--exit-style",
                                      .value = "STYLE",
                                      .about = "nagios (0 to 3), docker or boolean (0 or 1)",
                                      .choices = "nagios|docker|boolean",
                                      .preset = "nagios"};

/// For commands about the mode and its history.
inline constexpr Option kScope = {
    .name = "--scope",
    .value = "NAME",
    .about = "Whose mode and history; else fallback.scope of the config"};

/// The modes, as Option::words.
inline constexpr std::string_view kModeWords = "primary|heuristic|safe";

/// A program of rz.
struct Program {
  std::string_view name;     ///< `rz cond`.
  std::string_view summary;  ///< Leads its help; a sentence.
  std::string_view examples;
  std::span<const Command> commands;

  /// What it does where no command is named; nothing if one must be.
  const Command* bare() const { return find({}); }
  const Command* find(std::string_view command) const {
    for (const Command& candidate : commands) {
      if (candidate.name == command) return &candidate;
    }
    return nullptr;
  }
};

/// `rz cond`, or `rz cond eval`.
std::string full_name(const Program& program, const Command* command);

/// The options that every command takes.
std::span<const Option> common_options();

}  // namespace rz::cli
