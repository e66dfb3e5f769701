#include "rz/fallback/health_plan.h"

#include <algorithm>
#include <utility>

#include "rz/fallback/rule_clock.h"

namespace rz::fallback {

Result<HealthPlan> plan_health(const Policy& policy, const HealthState& health,
                               const ModeState& state, Election& election,
                               const HoldOptions& options, TimePoint now) {
  election.ballot.reset();
  HostMemory memory = election.found.memory;
  RuleInputs inputs{.mode = state.mode,
                    .time_in_mode = time_in_mode(state, now),
                    .now = now,
                    .gap = election.votes.ttl,
                    .memory = memory.rules};
  if (memory.at != TimePoint{}) inputs.evaluated_before = memory.at;
  auto decision = policy.decide(health, inputs);
  if (!decision) return fail(std::move(decision).error());
  // The clocks of rules go by when the host evaluated last.
  const bool clocks_run =
      std::any_of(memory.rules.begin(), memory.rules.end(),
                  [](const auto& rule) { return rule.second.since.has_value(); });
  if (clocks_run) memory.at = now;
  HealthPlan made;
  made.warnings = std::move(inputs.warnings);
  made.plan =
      plan_election(state, election, {*decision, health.complete, std::move(memory)}, options, now);
  made.decision = *std::move(decision);
  return made;
}

}  // namespace rz::fallback
