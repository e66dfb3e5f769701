#include "rz/fallback/policy_variables.h"

#include <string>

namespace rz::fallback {
namespace {

using In = const PolicyInputs&;
using Stored = ConditionContext::Stored;
constexpr VariableType kInteger = VariableType::integer;
constexpr VariableType kNumber = VariableType::number;
constexpr VariableType kString = VariableType::string;

constexpr std::string_view kModeNames[] = {"primary", "heuristic", "safe"};

// To add a variable is to add its row here.
constexpr PolicyVariable kVariables[] = {
    {"failed_components", kInteger, "Components that have failed.",
     [](In in) -> Stored { return in.health.system.failed_components; }},
    {"degraded_components", kInteger, "Components that run, but not as they should.",
     [](In in) -> Stored { return in.health.system.degraded_components; }},
    {"healthy_components", kInteger, "Components that are healthy.",
     [](In in) -> Stored { return in.health.system.healthy_components; }},
    {"unknown_components", kInteger, "Components of which nothing is known.",
     [](In in) -> Stored { return in.health.system.unknown_components; }},
    {"total_components", kInteger, "All components.",
     [](In in) -> Stored { return in.health.system.total_components; }},
    {"failures_1h", kInteger, "Failed retries within health.failure_window.",
     [](In in) -> Stored { return in.health.retry.failures_1h; }},
    {"failure_rate", kNumber, "Failed retries a second, over that window.",
     [](In in) -> Stored { return in.health.retry.failure_rate; }},
    {"total_attempts", kInteger, "Attempts that were ever recorded, the good ones too.",
     [](In in) -> Stored { return in.health.retry.total_attempts; }},
    {"open_duration_seconds", kNumber, "How long the circuit breaker has been open.",
     [](In in) -> Stored { return in.health.circuit_breaker.open_duration_seconds; }},
    {"consecutive_failures", kInteger, "Failures in a row that the circuit breaker has seen.",
     [](In in) -> Stored { return in.health.circuit_breaker.consecutive_failures; }},
    {"cpu_percent", kNumber,
     "How busy the CPUs have been since a minute or two ago, from 0 to 100; 0 where that is not "
     "known.",
     [](In in) -> Stored { return in.health.resources.cpu_percent; }},
    {"memory_percent", kNumber, "Memory in use.",
     [](In in) -> Stored { return in.health.resources.memory_percent; }},
    {"disk_percent", kNumber, "Space in use on the file system of /.",
     [](In in) -> Stored { return in.health.resources.disk_percent; }},
    {"uptime_seconds", kNumber, "Since the store was first looked at.",
     [](In in) -> Stored { return in.health.uptime_seconds; }},
    {"system_status", kString, "The worst of the components.",
     [](In in) -> Stored { return in.health.system.status; }, kSystemWords},
    {"circuit_state", kString, "The state of the circuit breaker.",
     [](In in) -> Stored { return in.health.circuit_breaker.state; }, kCircuitWords},
    {"retry_state", kString, "STABLE below 5 failed retries, ELEVATED below 20, else CRITICAL.",
     [](In in) -> Stored { return in.health.retry.state; }, kRetryWords},
    {"resources", kString, "The worst of CPU, memory and disk.",
     [](In in) -> Stored { return in.health.resources.overall; }, kResourceWords},
    {"cpu_status", kString, "Of the CPU alone.",
     [](In in) -> Stored { return in.health.resources.cpu; }, kResourceWords},
    {"memory_status", kString, "Of the memory alone.",
     [](In in) -> Stored { return in.health.resources.memory; }, kResourceWords},
    {"disk_status", kString, "Of the disk alone.",
     [](In in) -> Stored { return in.health.resources.disk; }, kResourceWords},
    {"mode", kString, "The mode that holds.",
     [](In in) -> Stored { return std::string(to_string(in.mode)); }, kModeNames},
    {"dwell_seconds", kNumber, "How long it has held.",
     [](In in) -> Stored { return in.dwell_seconds; }},
};

std::string status_of(const HealthState& health, std::string_view check) {
  for (const CheckResult& result : health.health_checks) {
    if (result.name == check) return to_string(result.status);
  }
  return to_string(HealthStatus::unknown);
}

}  // namespace

std::span<const PolicyVariable> policy_variable_table() { return kVariables; }

std::vector<Variable> policy_variables(std::span<const std::string> checks) {
  std::vector<Variable> variables;
  for (const PolicyVariable& one : kVariables) {
    variables.push_back({std::string(one.name), one.type});
  }
  for (const std::string& check : checks) {
    variables.push_back({std::string(kCheckVariables).append(check), VariableType::string});
  }
  return variables;
}

ConditionContext policy_context(const PolicyInputs& inputs) {
  ConditionContext context;
  for (const PolicyVariable& one : kVariables) {
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
