#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "rz/cond/condition.h"
#include "rz/health/health_state.h"

namespace rz::fallback {

/// A variable over which a rule's `when` runs: all that the rest of rz knows of it.
struct PolicyVariable {
  std::string_view name;
  VariableType type = VariableType::integer;
  std::string_view sentence;  ///< What it tells. The manual's entry is this.
  ConditionContext::Stored (*read)(const HealthState& state) = nullptr;
  std::span<const std::string_view> words{};  ///< Of a string: what it may hold.
};

/// Every variable, in the order in which they are told.
std::span<const PolicyVariable> policy_variable_table();

/// Them as a condition takes them.
std::vector<Variable> policy_variables();

/// Their values in `state`.
ConditionContext policy_context(const HealthState& state);

}  // namespace rz::fallback
