#include "rz/fallback/mode_changes.h"

#include <algorithm>
#include <optional>

#include "rz/cond/explain.h"

namespace rz::fallback {
namespace {

// As many as a condition can have: those of the configuration were accepted before.
constexpr std::size_t kMaxRuleTokens = 1000;

// What the rules would call for if `turned` had the other answer.
Mode mode_without(const Decision& decision, const RuleVerdict& turned) {
  Mode mode = Mode::primary;
  for (const RuleVerdict& rule : decision.rules) {
    const bool fires = &rule == &turned ? !rule.fired : rule.fired;
    if (fires) mode = std::max(mode, rule.mode);
  }
  return mode;
}

// The smallest change of a value that turns the rule.
std::optional<AnswerChange> change_of(const RuleVerdict& rule, const PolicyInputs& inputs,
                                      std::span<const std::string> checks) {
  if (rule.turned_by.empty()) return std::nullopt;
  const auto condition = parse_condition(
      rule.turned_by, {.variables = policy_variables(checks), .max_tokens = kMaxRuleTokens});
  if (!condition) return std::nullopt;
  ConditionContext context = policy_context(inputs);
  add_check_statuses(inputs.health, condition->variables(), context);
  auto change = explain(*condition, context).change;
  if (!change || change->answer != rule.turned_to) return std::nullopt;
  return change;
}

}  // namespace

std::vector<std::string> changes_of_mode(const Decision& decision, const PolicyInputs& inputs,
                                         std::span<const std::string> checks) {
  std::vector<std::string> changes;
  for (const RuleVerdict& rule : decision.rules) {
    const Mode mode = mode_without(decision, rule);
    if (mode == decision.mode) continue;
    const auto change = change_of(rule, inputs, checks);
    if (!change) continue;
    changes.push_back(std::string(to_string(mode)) + " with " + change->variable + " " +
                      change->needs + " (it is " + change->is + ")");
  }
  return changes;
}

}  // namespace rz::fallback
