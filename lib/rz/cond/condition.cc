#include "rz/cond/condition.h"

#include <algorithm>
#include <array>

#include "rz/cond/compiled_condition.h"
#include "rz/cond/lint.h"
#include "rz/cond/parser.h"

namespace rz {

std::string to_string(const ConditionValue& value) {
  if (const bool* v = std::get_if<bool>(&value)) return cond::print(cond::Literal(*v));
  if (const auto* v = std::get_if<std::int64_t>(&value)) return cond::print(cond::Literal(*v));
  if (const auto* v = std::get_if<double>(&value)) return cond::print(cond::Literal(*v));
  if (const auto* v = std::get_if<std::string_view>(&value)) {
    return cond::print(cond::Literal(std::string(*v)));
  }
  return "missing";
}

void ConditionContext::set(std::string name, Stored value) {
  for (auto& [known, stored] : values_) {
    if (known == name) {
      stored = std::move(value);
      return;
    }
  }
  values_.emplace_back(std::move(name), std::move(value));
}

ConditionValue ConditionContext::get(std::string_view name) const {
  for (const auto& [known, stored] : values_) {
    if (known != name) continue;
    if (const auto* text = std::get_if<std::string>(&stored)) return std::string_view(*text);
    if (const auto* v = std::get_if<bool>(&stored)) return *v;
    if (const auto* v = std::get_if<std::int64_t>(&stored)) return *v;
    if (const auto* v = std::get_if<double>(&stored)) return *v;
  }
  return {};
}

Condition::Condition(std::shared_ptr<const cond::CompiledCondition> program)
    : program_(std::move(program)) {}

const std::string& Condition::text() const { return program_->text(); }

std::span<const Variable> Condition::variables() const { return program_->ast().variables; }

Result<bool> Condition::evaluate(const ConditionContext& context) const {
  const auto names = variables();
  const auto fill = [&](std::span<ConditionValue> values) {
    std::transform(names.begin(), names.end(), values.begin(),
                   [&](const Variable& variable) { return context.get(variable.name); });
    return evaluate(std::span<const ConditionValue>(values));
  };
  // A condition of the default length has no more variables than this; only a longer one allocates.
  std::array<ConditionValue, 50> few;
  if (names.size() <= few.size()) return fill(std::span(few).first(names.size()));
  std::vector<ConditionValue> many(names.size());
  return fill(many);
}

Result<Condition> parse_condition(std::string_view text, const ConditionOptions& options) {
  std::vector<cond::Diagnostic> diagnostics;
  cond::Ast ast = cond::parse(text, options, diagnostics);
  if (!diagnostics.empty()) {
    return fail(cond::to_error(text, diagnostics.front(), ErrorCode::parse));
  }
  return Condition(
      std::make_shared<const cond::CompiledCondition>(std::string(text), std::move(ast)));
}

std::vector<Error> check_condition(std::string_view text, const ConditionOptions& options) {
  std::vector<cond::Diagnostic> diagnostics;
  (void)cond::parse(text, options, diagnostics);
  std::vector<Error> errors;
  for (const cond::Diagnostic& diagnostic : diagnostics) {
    errors.push_back(cond::to_error(text, diagnostic, ErrorCode::parse));
  }
  return errors;
}

std::vector<Error> lint_condition(std::string_view text, const ConditionOptions& options) {
  std::vector<cond::Diagnostic> diagnostics;
  const cond::Ast ast = cond::parse(text, options, diagnostics);
  if (!diagnostics.empty()) return {};
  std::vector<Error> warnings;
  for (const cond::Diagnostic& diagnostic : cond::lint(ast)) {
    warnings.push_back(cond::to_error(text, diagnostic, ErrorCode::invalid_argument));
  }
  return warnings;
}

Result<bool> evaluate(const Condition& condition, const ConditionContext& context) {
  return condition.evaluate(context);
}

}  // namespace rz
