#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/fallback/election.h"
#include "rz/fallback/election_plan.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy.h"
#include "rz/health/health_state.h"

namespace rz::fallback {

/// What follows from the health of a host.
struct HealthPlan {
  ModePlan plan;
  Decision decision;
  std::vector<std::string> warnings;  ///< What a person should know.
};

/// What a host that sees `health` calls for, with what it remembers of earlier evaluations, and
/// what follows from that and from the votes that stand: plan_election(). The ballot of `election`
/// is what is left. Pure. Errors: those of Policy::decide(); there is then no ballot.
Result<HealthPlan> plan_health(const Policy& policy, const HealthState& health,
                               const ModeState& state, Election& election,
                               const HoldOptions& options, TimePoint now);

}  // namespace rz::fallback
