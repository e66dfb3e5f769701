#include "cond_input.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/cond/condition_file.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/filter/json_context.h"
#include "rz/cond/variable_use.h"

namespace rz::cond_input {
namespace {

// More than any file of conditions or values. Read, JSON takes up to twenty times its size.
constexpr std::uint64_t kMaxFile = 8 << 20;

// As it can be typed in a shell.
std::string shell_word(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == ':' || c == '-' || c == '.';
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

Result<void> read_context(ConditionContext& values, const std::string& path,
                          const Condition& condition) {
  const auto file = read_named(path);
  if (!file) return fail(file.error());
  // What the condition does not ask for does not matter.
  const auto asked = condition.variables();
  const auto json = cond::set_variables_from_json(values, asked, file->text, file->name);
  if (!json) return fail(json.error());
  if (*json) return {};
  const auto document = config::parse_document(file->text, file->name);
  if (!document) return fail(document.error());
  return cond::set_variables(values, {.variables = {asked.begin(), asked.end()}}, *document,
                             file->name);
}

}  // namespace

bool missing_is_false(const cli::Arguments& arguments) {
  return arguments.text("--on-missing") == "false";
}

Result<ConditionOptions> read_language(cli::Context& context, const cli::Arguments& arguments) {
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  ConditionOptions options = (*config)->conditions;
  if (auto defined = cond::define_variables(options, arguments.all("--define")); !defined) {
    Error error = std::move(defined).error();
    error.where = "--define";
    return fail(std::move(error));
  }
  return options;
}

std::string offer_definitions(std::string_view text, const ConditionOptions& options) {
  static constexpr const char* kTypes[] = {"number", "integer", "string", "boolean"};
  std::string offer;
  for (const Variable& variable : cond::unknown_variables(text, options)) {
    offer += (offer.empty() ? "\nto make it a variable: --define " : " --define ") +
             shell_word(variable.name + ":" + kTypes[static_cast<int>(variable.type)]);
  }
  return offer;
}

Result<NamedText> read_named(const std::string& path) {
  auto text = read_file(path, kMaxFile);
  if (!text) return fail(std::move(text).error());
  return NamedText{std::move(*text), input_name(path)};
}

Result<Question> read_question(const cli::Arguments& arguments, const ConditionOptions& options) {
  if (!arguments.has("--expr-file")) {
    const auto expression = arguments.operand("EXPR");
    if (!expression) {
      return fail(ErrorCode::invalid_argument,
                  "a condition is missing: give EXPR or --expr-file FILE (--help has examples)");
    }
    auto condition = parse_condition(*expression, options);
    if (condition) return Question{*expression, std::move(*condition)};
    Error error = std::move(condition).error();
    error.message += offer_definitions(*expression, options);
    return fail(std::move(error));
  }
  const auto file = read_named(arguments.text("--expr-file"));
  if (!file) return fail(file.error());
  auto condition = cond::parse_condition_file(file->text, file->name, options);
  if (condition) {
    return Question{std::string(trim(cond::without_comments(file->text))), std::move(*condition)};
  }
  Error error = std::move(condition).error();
  error.message += offer_definitions(cond::without_comments(file->text), options);
  return fail(std::move(error));
}

Result<ConditionContext> read_values(const cli::Arguments& arguments,
                                     const ConditionOptions& options, const Condition& condition) {
  ConditionContext values;
  if (arguments.has("--context")) {
    const auto read = read_context(values, arguments.text("--context"), condition);
    if (!read) return fail(read.error());
  }
  // A value on the command line beats that of the document.
  for (const std::string& assignment : arguments.all("--var")) {
    if (auto set = cond::set_variable(values, options, assignment); !set) {
      Error error = std::move(set).error();
      error.where = "--var";
      return fail(std::move(error));
    }
  }
  return values;
}

}  // namespace rz::cond_input
