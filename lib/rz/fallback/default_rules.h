#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rz/cond/condition.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode.h"
#include "rz/health/health_state.h"

namespace rz::fallback {

/// A rule that every configuration has: those of the old system. It asks for one variable.
struct DefaultRule {
  std::string_view name;
  Mode mode = Mode::safe;     ///< What it calls for when it fires.
  std::string_view variable;  ///< Of policy_variable_table().
  /// When it fires, as a condition; empty: these options turn it off.
  std::string (*limit)(const PolicyOptions& options) = nullptr;
  /// Whether it does, for a value of the variable. Never for a rule that is turned off.
  bool (*fires)(const PolicyOptions& options, const ConditionValue& value) = nullptr;
  /// Its part of the reason.
  std::string (*reason)(const HealthState& state) = nullptr;
};

/// Every one, in the order in which reasons name them.
std::span<const DefaultRule> default_rules();

/// Where its variable is in policy_variable_table().
std::size_t place_of(const DefaultRule& rule);

}  // namespace rz::fallback
