#include "rz/fallback/default_rules.h"

#include <fmt/format.h>

#include <cstdint>
#include <variant>

#include "rz/base/invariant.h"
#include "rz/fallback/policy_variables.h"

namespace rz::fallback {

std::span<const DefaultRule> default_rules() {
  using Options = const PolicyOptions&;
  using Found = const ConditionValue&;
  using State = const HealthState&;
  static constexpr DefaultRule kDefaultRules[] = {
      {"multiple_failures", Mode::safe, "failed_components",
       [](Options options) {
         return fmt::format("failed_components >= {}", options.failed_components);
       },
       [](Options options, Found found) {
         return std::get<std::int64_t>(found) >= options.failed_components;
       },
       [](State state) {
         return fmt::format("multiple_failures({})", state.system.failed_components);
       }},
      {"resources_critical", Mode::safe, "resources",
       [](Options options) -> std::string {
         return options.resources_critical ? "resources == \"critical\"" : "";
       },
       [](Options options, Found found) {
         return options.resources_critical && std::get<std::string_view>(found) == "critical";
       },
       [](State) -> std::string { return "resources_critical"; }},
      {"circuit_open", Mode::heuristic, "circuit_state",
       [](Options) -> std::string { return "circuit_state == \"OPEN\""; },
       [](Options, Found found) { return std::get<std::string_view>(found) == "OPEN"; },
       [](State state) {
         return fmt::format("circuit_open({:.0f}s)", state.circuit_breaker.open_duration_seconds);
       }},
      {"high_retry_failures", Mode::heuristic, "failures_1h",
       [](Options options) { return fmt::format("failures_1h > {}", options.retry_failures); },
       [](Options options, Found found) {
         return std::get<std::int64_t>(found) > options.retry_failures;
       },
       [](State state) { return fmt::format("high_retry_failures({})", state.retry.failures_1h); }},
  };
  return kDefaultRules;
}

std::size_t place_of(const DefaultRule& rule) {
  const auto place = find_policy_variable(rule.variable);
  require_invariant(place.has_value(), "a default rule asks for a variable of the table");
  return *place;
}

}  // namespace rz::fallback
