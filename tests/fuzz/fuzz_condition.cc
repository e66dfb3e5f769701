#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fuzz/fuzz_targets.h"
#include "rz/cond/condition.h"
#include "rz/cond/evaluator.h"
#include "rz/cond/explain.h"
#include "rz/cond/parser.h"

namespace rz::fuzz {
namespace {

using Values = std::vector<ConditionValue>;

ConditionValue value_for(VariableType type, unsigned choice) {
  static constexpr std::int64_t kIntegers[] = {0, 1, -1, 2, 9007199254740993, INT64_MAX, INT64_MIN};
  static constexpr double kDoubles[] = {0.0, 0.8, -0.0, 1e308, 5e-324, -2.5, 9007199254740992.0};
  if (choice % 11 == 10) return {};
  if (choice % 23 == 22) return std::numeric_limits<double>::infinity();
  switch (type) {
    case VariableType::boolean: return choice % 2 == 0;
    case VariableType::string: return choice % 2 == 0 ? std::string_view() : "high";
    case VariableType::number:
    case VariableType::integer: break;
  }
  if (choice % 2 == 0) return kIntegers[choice / 2 % std::size(kIntegers)];
  return kDoubles[choice / 2 % std::size(kDoubles)];
}

void same_answer(const Condition& condition, const cond::Ast& ast, const Values& values) {
  const auto answer = condition.evaluate(values);
  cond::Evaluator evaluator(ast, values);
  const cond::Scalar scalar = evaluator.value(ast.root);
  require(answer.has_value() != evaluator.failed(), "program and tree fail together");
  if (answer) require(*answer == std::get<bool>(scalar), "program and tree answer the same");
  if (!answer) require(answer.error() == evaluator.error(condition.text()), "with the same error");
}

}  // namespace

void condition(std::string_view input) {
  ConditionOptions options;
  options.variables.push_back({"host", VariableType::string});
  options.variables.push_back({"up", VariableType::boolean});
  options.max_tokens = 120;  // So that binary does not spend the time on complaints.
  const auto parsed = parse_condition(input, options);
  const auto errors = check_condition(input, options);
  require(parsed.has_value() == errors.empty(), "check finds what parse finds");
  if (!parsed) {
    require(parsed.error() == errors.front(), "the first error is that of parse");
    return;
  }
  (void)lint_condition(input, options);

  std::vector<cond::Diagnostic> diagnostics;
  const cond::Ast ast = cond::parse(input, options, diagnostics);
  const std::string printed = print(ast);
  // Parentheses that the text did without may make it longer than it was.
  options.max_tokens = cond::kTokenCeiling;
  const cond::Ast again = cond::parse(printed, options, diagnostics);
  if (diagnostics.empty()) require(print(again) == printed, "printing and parsing changes nothing");

  unsigned seed = 0;
  for (const char c : input) seed = seed * 31 + static_cast<unsigned char>(c);
  for (int round = 0; round < 4; ++round) {
    Values values;
    for (const Variable& variable : parsed->variables()) {
      seed = seed * 1664525 + 1013904223;
      values.push_back(value_for(variable.type, seed >> 16));
    }
    same_answer(*parsed, ast, values);
  }
  (void)explain(*parsed, {});
}

}  // namespace rz::fuzz
