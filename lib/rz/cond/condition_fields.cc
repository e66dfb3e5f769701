#include "rz/cond/condition_fields.h"

#include <algorithm>
#include <array>

#include "rz/base/text.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/diagnostic.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

constexpr std::array<Choice<VariableType>, 4> kTypes = {{{"number", VariableType::number},
                                                         {"integer", VariableType::integer},
                                                         {"string", VariableType::string},
                                                         {"boolean", VariableType::boolean}}};

std::optional<std::string> wrong_name(const std::string& name) {
  const auto problem = variable_name_problem(name);
  if (!problem) return std::nullopt;
  return "'" + ellipsize(printable(name), 60) + "' is " + *problem;
}

void visit_variables(FieldVisitor& fields, std::vector<Variable>& variables) {
  NamedWordsType type;
  for (const auto& choice : kTypes) type.words.emplace_back(choice.name);
  type.name_problem = wrong_name;
  NamedWords named;
  for (const Variable& variable : variables) {
    const auto choice = std::find_if(kTypes.begin(), kTypes.end(),
                                     [&](const auto& one) { return one.value == variable.type; });
    named.emplace_back(variable.name, choice->name);
  }
  fields.named_words({"variables", "The whitelist: names, each with its type."}, named, type);
  variables.clear();
  for (auto& [name, word] : named) {
    const auto choice = std::find_if(kTypes.begin(), kTypes.end(),
                                     [&w = word](const auto& one) { return w == one.name; });
    variables.push_back({std::move(name), choice->value});
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, ConditionOptions& options) {
  visit_variables(fields, options.variables);
  fields.integer({"max_tokens", "The longest condition."}, options.max_tokens, {1, 1000});
}

std::optional<Condition> visit_condition(FieldVisitor& fields, const Field& field,
                                         const ConditionOptions& options,
                                         const cond::KnownWords& words) {
  std::optional<Condition> condition;
  fields.condition(field, [&](const std::string& text) -> TextProblems {
    auto parsed = parse_condition(text, options);
    if (!parsed) return {check_condition(text, options), {}};
    condition = *std::move(parsed);
    TextProblems problems{{}, lint_condition(text, options)};
    std::vector<cond::Diagnostic> none;
    for (const auto& found : cond::lint_words(cond::parse(text, options, none), words)) {
      problems.doubts.push_back(cond::to_error(text, found, ErrorCode::invalid_argument));
    }
    return problems;
  });
  return condition;
}

}  // namespace rz::cond
