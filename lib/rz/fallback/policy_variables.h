#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rz/base/value.h"
#include "rz/cond/condition.h"
#include "rz/fallback/mode.h"
#include "rz/health/health_state.h"

namespace rz::fallback {

/// What the variables are read from.
struct PolicyInputs {
  PolicyInputs(const HealthState& state, Mode held = Mode::primary, double since_seconds = 0)
      : health(state), mode(held), dwell_seconds(since_seconds) {}

  const HealthState& health;
  Mode mode;             ///< The mode that holds.
  double dwell_seconds;  ///< For how long it has.
};

/// Where a health state holds what a variable reads.
using StatePlace = std::variant<std::int64_t*, double*, std::string*>;

/// A variable over which a rule's conditions run: all that the rest of rz knows of it.
struct PolicyVariable {
  std::string_view name;
  VariableType type = VariableType::integer;
  std::string_view sentence;  ///< What it tells. The manual's entry is this.
  ConditionContext::Stored (*read)(const PolicyInputs& inputs) = nullptr;
  /// Where a state holds it, so that a recorded state is read back. Null: it is no part of a state,
  /// but of what a host knows beside it.
  StatePlace (*place)(HealthState& state) = nullptr;
  std::span<const std::string_view> words{};  ///< Of a string: what it may hold.
};

/// Every variable, in the order in which they are told.
std::span<const PolicyVariable> policy_variable_table();

/// Which row of it has that name; nothing: none has.
std::optional<std::size_t> find_policy_variable(std::string_view name);

/// The variable that holds the status of a check: this and the name of the check. It stands in
/// backquotes.
inline constexpr std::string_view kCheckVariables = "check.";
inline constexpr std::string_view kCheckWords[] = {"healthy", "degraded", "unhealthy", "unknown"};

/// Them as a condition takes them, with those of the `checks`.
std::vector<Variable> policy_variables(std::span<const std::string> checks = {});

/// What a variable holds, as JSON; null for monostate.
Value to_value(const ConditionContext::Stored& stored);

/// The values of all in the table.
ConditionContext policy_context(const PolicyInputs& inputs);

/// Adds those of the checks among `used`. A check that was not run has the status unknown.
void add_check_statuses(const HealthState& health, std::span<const Variable> used,
                        ConditionContext& context);

}  // namespace rz::fallback
