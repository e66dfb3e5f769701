#include "rz/health/checks/condition_check.h"

#include <algorithm>
#include <optional>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/cond/condition.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/lexer.h"
#include "rz/health/checks/basic_check.h"

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
std::vector<Variable> variables_in(std::string_view text) {
  std::vector<cond::Diagnostic> ignored;  // parse_condition() finds them again.
  const auto tokens = cond::lex(text, kMaxTokens, ignored);
  std::vector<Variable> variables;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != cond::TokenKind::name) continue;
    const cond::Span span = tokens[i].span;
    std::string name = cond::name_of(text.substr(span.begin, span.end - span.begin));
    // One without a dot names no check, and parse_condition() says that it is not a variable.
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

ConditionOptions options_for(std::string_view text) {
  return {.variables = variables_in(text), .max_tokens = kMaxTokens};
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

class ConditionCheck final : public BasicCheck {
 public:
  explicit ConditionCheck(ConditionCheckOptions options)
      : BasicCheck(ConditionCheckOptions::kType, options), options_(std::move(options)) {}

  CheckResult check() override { return combine({}); }

  CheckResult combine(const std::vector<const CheckResult*>& results) override {
    Value metadata = Value::object({{"condition", options_.when}});
    const auto condition = parse_condition(options_.when, options_for(options_.when));
    if (!condition) return failed(condition.error(), std::move(metadata));
    ConditionContext context;
    std::string values;
    for (const Variable& variable : condition->variables()) {
      const Value found = find_value(variable.name, results);
      const auto value = stored(found);
      if (!value) continue;
      context.set(variable.name, *value);
      metadata.set(variable.name, found);
      values += (values.empty() ? "" : ", ") + printable(variable.name) + " is " +
                ellipsize(printable(to_string(context.get(variable.name))), kMaxShownValue);
    }
    const auto holds = condition->evaluate(context);
    // Its own text has the place and a caret below it, which take several lines.
    if (!holds) return untold(holds.error(), values, std::move(metadata));
    if (*holds) return answer(HealthStatus::healthy, "as expected: " + values, std::move(metadata));
    for (const CheckResult* result : results) {
      if (result->status != HealthStatus::unknown) continue;
      return answer(HealthStatus::unknown,
                    "cannot tell while " + printable(result->name) + " is unknown: " + values,
                    std::move(metadata));
    }
    return answer(HealthStatus::unhealthy,
                  "expected " + printable(options_.when) + ", but " + values, std::move(metadata));
  }

 private:
  static CheckResult untold(const Error& error, const std::string& values, Value metadata) {
    const std::string_view line =
        std::string_view(error.message).substr(0, error.message.find('\n'));
    return answer(HealthStatus::unknown,
                  std::string(line) + (values.empty() ? "" : " (" + values + ")"),
                  std::move(metadata));
  }

  /// Null if there is none.
  static Value find_value(const std::string& variable,
                          const std::vector<const CheckResult*>& results) {
    const std::string check = check_of(variable);
    for (const CheckResult* result : results) {
      if (result->name != check) continue;
      const Value document = document_of(*result);
      const Value* found = cond::find_member(document, variable.substr(check.size() + 1));
      return found ? *found : Value();
    }
    return {};
  }

  ConditionCheckOptions options_;
};

}  // namespace

Result<void> find_combined_checks(ConditionCheckOptions& options) {
  TRY_ASSIGN(const Condition condition, parse_condition(options.when, options_for(options.when)));
  options.combines.clear();
  for (const Variable& variable : condition.variables()) {
    std::string check = check_of(variable.name);
    auto& names = options.combines;
    if (std::find(names.begin(), names.end(), check) == names.end()) {
      names.push_back(std::move(check));
    }
  }
  if (!options.combines.empty()) return {};
  return fail(ErrorCode::parse, "names no result of a check; write it like `disk.status`",
              "condition:1:1");
}

void visit_fields(FieldVisitor& fields, ConditionCheckOptions& options) {
  fields.condition({.key = "when",
                    .sentence = "What must be true, over the results of other checks.",
                    .example = "\"`disk.status` == 'healthy' and `disk.usage_percent` < 80\"",
                    .needed_by = "a condition check"},
                   [&](const std::string& text) -> TextProblems {
                     options.when = text;
                     const ConditionOptions known = options_for(text);
                     auto errors = check_condition(text, known);
                     if (!errors.empty()) return {std::move(errors), {}};
                     const auto found = find_combined_checks(options);
                     if (!found) return {{found.error()}, {}};
                     return {{}, lint_condition(text, known)};
                   });
}

std::shared_ptr<HealthCheck> make_condition_check(ConditionCheckOptions options) {
  return std::make_shared<ConditionCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const ConditionCheckOptions& options,
                                               const CheckDependencies&) {
  return make_condition_check(options);
}

}  // namespace rz::health
