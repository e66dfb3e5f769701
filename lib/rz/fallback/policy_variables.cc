#include "rz/fallback/policy_variables.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace rz::fallback {
namespace {

using In = const PolicyInputs&;
using Stored = ConditionContext::Stored;

constexpr std::string_view kModeNames[] = {"primary", "heuristic", "safe"};

template <class Held>
constexpr VariableType kTypeOf = VariableType::integer;
template <>
constexpr VariableType kTypeOf<double> = VariableType::number;
template <>
constexpr VariableType kTypeOf<std::optional<double>> = VariableType::number;
template <>
constexpr VariableType kTypeOf<std::string> = VariableType::string;

/// What `First`, `Then`, … lead to from `from`, each a member of the one before it.
template <auto First, auto... Then>
constexpr auto& member_of(auto& from) {
  if constexpr (sizeof...(Then) == 0) {
    return from.*First;
  } else {
    return member_of<Then...>(from.*First);
  }
}

// What is not known of a number is 0, so that a rule over it stays a rule over a number.
template <class Held>
const Held& known_value(const Held& held) {
  return held;
}
double known_value(const std::optional<double>& held) { return held.value_or(0); }

template <class Held>
Held* known_place(Held& held) {
  return &held;
}
double* known_place(std::optional<double>& held) { return held ? &*held : &held.emplace(0); }

/// The row of a variable that is a member of the health state: all else follows from its place.
template <auto... Path>
constexpr PolicyVariable of_state(std::string_view name, std::string_view sentence,
                                  std::span<const std::string_view> words = {}) {
  using Held = std::remove_reference_t<decltype(member_of<Path...>(std::declval<HealthState&>()))>;
  return {.name = name,
          .type = kTypeOf<Held>,
          .sentence = sentence,
          .read = [](In in) -> Stored { return known_value(member_of<Path...>(in.health)); },
          .place = [](HealthState& state) -> StatePlace {
            return known_place(member_of<Path...>(state));
          },
          .words = words};
}

std::string status_of(const HealthState& health, std::string_view check) {
  for (const CheckResult& result : health.health_checks) {
    if (result.name == check) return to_string(result.status);
  }
  return to_string(HealthStatus::unknown);
}

}  // namespace

std::span<const PolicyVariable> policy_variable_table() {
  using State = HealthState;
  using System = State::System;
  using Breaker = State::CircuitBreaker;
  using Retry = State::Retry;
  using Resources = State::Resources;
  // To add a variable is to add its row here.
  static constexpr PolicyVariable kVariables[] = {
      of_state<&State::system, &System::failed_components>("failed_components",
                                                           "Components that have failed."),
      of_state<&State::system, &System::degraded_components>(
          "degraded_components", "Components that run, but not as they should."),
      of_state<&State::system, &System::healthy_components>("healthy_components",
                                                            "Components that are healthy."),
      of_state<&State::system, &System::unknown_components>(
          "unknown_components", "Components of which nothing is known."),
      of_state<&State::system, &System::total_components>("total_components", "All components."),
      of_state<&State::retry, &Retry::failures_1h>("failures_1h",
                                                   "Failed retries within health.failure_window."),
      of_state<&State::retry, &Retry::failure_rate>("failure_rate",
                                                    "Failed retries a second, over that window."),
      of_state<&State::retry, &Retry::total_attempts>(
          "total_attempts", "Attempts that were ever recorded, the good ones too."),
      of_state<&State::circuit_breaker, &Breaker::open_duration_seconds>(
          "open_duration_seconds", "How long the circuit breaker has been open."),
      of_state<&State::circuit_breaker, &Breaker::consecutive_failures>(
          "consecutive_failures", "Failures in a row that the circuit breaker has seen."),
      of_state<&State::resources, &Resources::cpu_percent>(
          "cpu_percent",
          "How busy the CPUs have been since a minute or two ago, from 0 to 100; 0 where that is "
          "not known."),
      of_state<&State::resources, &Resources::cpu_pressure_percent>(
          "cpu_pressure_percent",
          "The share of the last minute in which some process waited for a CPU, from 0 to 100; 0 "
          "where the kernel does not tell."),
      of_state<&State::resources, &Resources::memory_percent>("memory_percent", "Memory in use."),
      of_state<&State::resources, &Resources::disk_percent>(
          "disk_percent", "Space in use on the file system of /."),
      of_state<&State::uptime_seconds>("uptime_seconds", "Since the store was first looked at."),
      of_state<&State::system, &System::status>("system_status", "The worst of the components.",
                                                kSystemWords),
      of_state<&State::circuit_breaker, &Breaker::state>(
          "circuit_state", "The state of the circuit breaker.", kCircuitWords),
      of_state<&State::retry, &Retry::state>(
          "retry_state", "STABLE below 5 failed retries, ELEVATED below 20, else CRITICAL.",
          kRetryWords),
      of_state<&State::resources, &Resources::overall>(
          "resources", "The worst of CPU, memory and disk.", kResourceWords),
      of_state<&State::resources, &Resources::cpu>("cpu_status", "Of the CPU alone.",
                                                   kResourceWords),
      of_state<&State::resources, &Resources::memory>("memory_status", "Of the memory alone.",
                                                      kResourceWords),
      of_state<&State::resources, &Resources::disk>("disk_status", "Of the disk alone.",
                                                    kResourceWords),
      {"mode", VariableType::string, "The mode that holds.",
       [](In in) -> Stored { return std::string(to_string(in.mode)); }, nullptr, kModeNames},
      {"dwell_seconds", VariableType::number, "How long it has held.",
       [](In in) -> Stored { return in.dwell_seconds; }},
  };
  return kVariables;
}

std::optional<std::size_t> find_policy_variable(std::string_view name) {
  const auto table = policy_variable_table();
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table[row].name == name) return row;
  }
  return std::nullopt;
}

std::vector<Variable> policy_variables(std::span<const std::string> checks) {
  std::vector<Variable> variables;
  for (const PolicyVariable& one : policy_variable_table()) {
    variables.push_back({std::string(one.name), one.type});
  }
  for (const std::string& check : checks) {
    variables.push_back({std::string(kCheckVariables).append(check), VariableType::string});
  }
  return variables;
}

Value to_value(const ConditionContext::Stored& stored) {
  return std::visit(
      [](const auto& held) -> Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return {};
        } else {
          return Value(held);
        }
      },
      stored);
}

ConditionContext policy_context(const PolicyInputs& inputs) {
  ConditionContext context;
  for (const PolicyVariable& one : policy_variable_table()) {
    context.set(std::string(one.name), one.read(inputs));
  }
  return context;
}

void add_check_statuses(const HealthState& health, std::span<const Variable> used,
                        ConditionContext& context) {
  for (const Variable& variable : used) {
    if (!variable.name.starts_with(kCheckVariables)) continue;
    context.set(variable.name,
                status_of(health, std::string_view(variable.name).substr(kCheckVariables.size())));
  }
}

}  // namespace rz::fallback
