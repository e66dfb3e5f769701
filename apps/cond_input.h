#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/cli/program.h"
#include "rz/cond/condition.h"

/// What the commands of `rz cond` are given: a language, a condition, values.
namespace rz::cond_input {

/// Whether a value that is missing means false (--on-missing).
bool missing_is_false(const cli::Arguments& arguments);

/// The language of the config, and what the command line adds (--define).
Result<ConditionOptions> read_language(cli::Context& context, const cli::Arguments& arguments);

/// The lines that offer `--define` for the variables of `text` that are not known and resemble no
/// known one; empty if there are none.
std::string offer_definitions(std::string_view text, const ConditionOptions& options);

/// A file that is named on the command line, and what messages call it.
struct NamedText {
  std::string text;
  std::string name;
};

/// Reads a file of conditions or values; `-` is standard input. Errors: those of read_file.
Result<NamedText> read_named(const std::string& path);

/// A condition, and how it was written.
struct Question {
  std::string expression;
  Condition condition;
};

/// EXPR, or the content of --expr-file. Errors: parse, invalid_argument, those of the file.
Result<Question> read_question(const cli::Arguments& arguments, const ConditionOptions& options);

/// The values of --context and of --var, which wins.
Result<ConditionContext> read_values(const cli::Arguments& arguments,
                                     const ConditionOptions& options, const Condition& condition);

}  // namespace rz::cond_input
