#include "rz/fallback/policy_variables.h"

#include <string>

namespace rz::fallback {
namespace {

using State = const HealthState&;
using Stored = ConditionContext::Stored;
constexpr VariableType kInteger = VariableType::integer;
constexpr VariableType kNumber = VariableType::number;
constexpr VariableType kString = VariableType::string;

// To add a variable is to add its row here.
constexpr PolicyVariable kVariables[] = {
    {"failed_components", kInteger, "Components that have failed.",
     [](State state) -> Stored { return state.system.failed_components; }},
    {"degraded_components", kInteger, "Components that run, but not as they should.",
     [](State state) -> Stored { return state.system.degraded_components; }},
    {"healthy_components", kInteger, "Components that are healthy.",
     [](State state) -> Stored { return state.system.healthy_components; }},
    {"unknown_components", kInteger, "Components of which nothing is known.",
     [](State state) -> Stored { return state.system.unknown_components; }},
    {"total_components", kInteger, "All components.",
     [](State state) -> Stored { return state.system.total_components; }},
    {"failures_1h", kInteger, "Failed retries within health.failure_window.",
     [](State state) -> Stored { return state.retry.failures_1h; }},
    {"failure_rate", kNumber, "Failed retries a second, over that window.",
     [](State state) -> Stored { return state.retry.failure_rate; }},
    {"total_attempts", kInteger, "Attempts that were ever recorded, the good ones too.",
     [](State state) -> Stored { return state.retry.total_attempts; }},
    {"open_duration_seconds", kNumber, "How long the circuit breaker has been open.",
     [](State state) -> Stored { return state.circuit_breaker.open_duration_seconds; }},
    {"consecutive_failures", kInteger, "Failures in a row that the circuit breaker has seen.",
     [](State state) -> Stored { return state.circuit_breaker.consecutive_failures; }},
    {"cpu_percent", kNumber,
     "How busy the CPUs have been since a minute or two ago, from 0 to 100; 0 where that is not "
     "known.",
     [](State state) -> Stored { return state.resources.cpu_percent; }},
    {"memory_percent", kNumber, "Memory in use.",
     [](State state) -> Stored { return state.resources.memory_percent; }},
    {"disk_percent", kNumber, "Space in use on the file system of /.",
     [](State state) -> Stored { return state.resources.disk_percent; }},
    {"uptime_seconds", kNumber, "Since the store was first looked at.",
     [](State state) -> Stored { return state.uptime_seconds; }},
    {"system_status", kString, "The worst of the components.",
     [](State state) -> Stored { return state.system.status; }, kSystemWords},
    {"circuit_state", kString, "The state of the circuit breaker.",
     [](State state) -> Stored { return state.circuit_breaker.state; }, kCircuitWords},
    {"retry_state", kString, "STABLE below 5 failed retries, ELEVATED below 20, else CRITICAL.",
     [](State state) -> Stored { return state.retry.state; }, kRetryWords},
    {"resources", kString, "The worst of CPU, memory and disk.",
     [](State state) -> Stored { return state.resources.overall; }, kResourceWords},
    {"cpu_status", kString, "Of the CPU alone.",
     [](State state) -> Stored { return state.resources.cpu; }, kResourceWords},
    {"memory_status", kString, "Of the memory alone.",
     [](State state) -> Stored { return state.resources.memory; }, kResourceWords},
    {"disk_status", kString, "Of the disk alone.",
     [](State state) -> Stored { return state.resources.disk; }, kResourceWords},
};

}  // namespace

std::span<const PolicyVariable> policy_variable_table() { return kVariables; }

std::vector<Variable> policy_variables() {
  std::vector<Variable> variables;
  for (const PolicyVariable& one : kVariables) {
    variables.push_back({std::string(one.name), one.type});
  }
  return variables;
}

ConditionContext policy_context(const HealthState& state) {
  ConditionContext context;
  for (const PolicyVariable& one : kVariables) {
    context.set(std::string(one.name), one.read(state));
  }
  return context;
}

}  // namespace rz::fallback
