#include "rz/health/judging/result_condition.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "rz/base/text.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/lexer.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxTokens = 200;
constexpr std::size_t kMaxShownValue = 200;

bool is_comparison(cond::TokenKind kind) {
  return kind == cond::TokenKind::equal || kind == cond::TokenKind::not_equal;
}

// What a variable must be, by what it is compared with: what a check measures has a type only once
// it has run.
VariableType type_by_use(const std::vector<cond::Token>& tokens, std::size_t at) {
  using enum cond::TokenKind;
  const auto kind = [&](std::size_t i) { return i < tokens.size() ? tokens[i].kind : end; };
  // `x in ["a"]`, `x not in ["a"]`
  std::size_t behind = at + 1;
  if (kind(behind) == kw_not) ++behind;
  const cond::TokenKind right = kind(behind) == kw_in         ? kind(behind + 2)
                                : is_comparison(kind(behind)) ? kind(behind + 1)
                                                              : end;
  const cond::TokenKind left = at >= 2 && is_comparison(kind(at - 1)) ? kind(at - 2) : end;
  for (const cond::TokenKind other : {right, left}) {
    if (other == string) return VariableType::string;
    if (other == kw_true || other == kw_false) return VariableType::boolean;
  }
  const bool alone = kind(at + 1) == end || kind(at + 1) == kw_and || kind(at + 1) == kw_or ||
                     kind(at + 1) == right_paren;
  const bool begins = at == 0 || kind(at - 1) == kw_and || kind(at - 1) == kw_or ||
                      kind(at - 1) == kw_not || kind(at - 1) == left_paren;
  return alone && begins ? VariableType::boolean : VariableType::number;
}

VariableType type_of_variable(std::string_view name, const std::vector<cond::Token>& tokens,
                              std::size_t at) {
  const std::string_view key = name.substr(name.find('.') + 1);
  if (key == "status" || key == "message" || key == "type") return VariableType::string;
  if (key == "skipped") return VariableType::boolean;
  return type_by_use(tokens, at);
}

/// The variables that `text` names, each once, with the types that they must be of.
std::vector<Variable> results_in(std::string_view text) {
  std::vector<cond::Diagnostic> ignored;  // parse_condition() finds them again.
  const auto tokens = cond::lex(text, kMaxTokens, ignored);
  std::vector<Variable> variables;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != cond::TokenKind::name) continue;
    const cond::Span span = tokens[i].span;
    std::string name = cond::name_of(text.substr(span.begin, span.end - span.begin));
    // One without a dot names no check; parse_condition() says if it is no fact either.
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) continue;
    const bool known = std::any_of(variables.begin(), variables.end(),
                                   [&](const Variable& one) { return one.name == name; });
    if (known) continue;
    const VariableType type = type_of_variable(name, tokens, i);
    variables.push_back({std::move(name), type});
  }
  return variables;
}

std::string check_of(std::string_view variable) {
  return std::string(variable.substr(0, variable.find('.')));
}

/// The result of a check as the document that its variables are looked up in.
Value document_of(const CheckResult& result) {
  // What rz says of it outranks what the check says of itself.
  Value document = result.metadata;
  document.set("status", to_string(result.status));
  document.set("message", result.message);
  document.set("type", result.type);
  document.set("latency_ms", result.latency_ms);
  document.set("skipped", result.skipped);
  return document;
}

std::optional<ConditionContext::Stored> stored(const Value& value) {
  if (const auto* flag = value.as_bool()) return *flag;
  if (const auto* integer = value.as_int()) return *integer;
  if (const auto* number = value.as_double()) return *number;
  if (const auto* text = value.as_string()) return *text;
  return std::nullopt;
}

/// Null if there is none.
Value find_value(const std::string& variable, const std::vector<const CheckResult*>& results) {
  const std::string check = check_of(variable);
  if (check.size() == variable.size()) return {};
  for (const CheckResult* result : results) {
    if (result->name != check) continue;
    const Value document = document_of(*result);
    const Value* found = cond::find_member(document, variable.substr(check.size() + 1));
    return found ? *found : Value();
  }
  return {};
}

}  // namespace

ConditionOptions result_condition_options(std::string_view text, std::span<const Variable> facts) {
  ConditionOptions options{.variables = results_in(text), .max_tokens = kMaxTokens};
  options.variables.insert(options.variables.end(), facts.begin(), facts.end());
  return options;
}

std::vector<std::string> checks_named_in(const Condition& condition) {
  std::vector<std::string> names;
  for (const Variable& variable : condition.variables()) {
    std::string check = check_of(variable.name);
    const bool is_fact = check.size() == variable.name.size();
    if (is_fact || std::find(names.begin(), names.end(), check) != names.end()) continue;
    names.push_back(std::move(check));
  }
  return names;
}

std::vector<NamedValue> add_result_values(const Condition& condition,
                                          const std::vector<const CheckResult*>& results,
                                          ConditionContext& context) {
  std::vector<NamedValue> used;
  for (const Variable& variable : condition.variables()) {
    Value found = find_value(variable.name, results);
    const auto value = stored(found);
    if (!value) continue;
    context.set(variable.name, *value);
    used.push_back({variable.name, std::move(found)});
  }
  return used;
}

std::string describe_values(const Condition& condition, const ConditionContext& context) {
  std::string values;
  for (const Variable& variable : condition.variables()) {
    const ConditionValue value = context.get(variable.name);
    if (std::holds_alternative<std::monostate>(value)) continue;
    values += (values.empty() ? "" : ", ") + printable(variable.name) + " is " +
              ellipsize(printable(to_string(value)), kMaxShownValue);
  }
  return values;
}

std::string missing_values(const Condition& condition,
                           const std::vector<const CheckResult*>& results) {
  std::string text;
  for (const std::string& check : checks_named_in(condition)) {
    const auto misses = [&](const Variable& variable) {
      return check_of(variable.name) == check && !stored(find_value(variable.name, results));
    };
    const auto variables = condition.variables();
    const auto result = std::find_if(results.begin(), results.end(),
                                     [&](const CheckResult* each) { return each->name == check; });
    if (result == results.end() || std::none_of(variables.begin(), variables.end(), misses)) {
      continue;
    }
    std::vector<std::string> names;
    const Value document = document_of(**result);
    for (const auto& [name, value] : *document.as_object()) {
      if (stored(value)) names.emplace_back(name);
    }
    text += (text.empty() ? "" : "; ") + printable(check) + " has " +
            ellipsize(printable(join(names, ", ")), kMaxShownValue);
  }
  return text;
}

std::string_view first_line(std::string_view message) {
  return message.substr(0, message.find('\n'));
}

}  // namespace rz::health
