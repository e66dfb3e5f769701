#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/election.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/host_memory.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy.h"

namespace rz::fallback {

/// What holds back the vote of a host for a better mode.
struct HoldOptions {
  RecoveryOptions recovery{};
  std::optional<FlappingOptions> flapping{};
};

/// An evaluation of this host, as the votes are to take it.
struct Finding {
  const Decision& decision;
  bool complete = true;  ///< HealthState::complete.
  HostMemory memory;     ///< That of the host, with the clocks of its rules brought up to date.
};

/// The plan of an evaluation: the vote that this host casts, which becomes the ballot of
/// `election`, and what follows from it and from the votes of others. The mode is the worst for
/// which enough votes stand; how it is entered is plan_evaluation()'s. Pure.
///
/// A worse mode than the one that the host stands for (its live vote, the worst that it called for
/// within recovery.window, the one that is held while it flaps) is voted for at once. A better one
/// waits: for what is not known, for good_evaluations in a row, for the window, and until the
/// evaluations flap no more. Meanwhile the vote is renewed. `state` is what holds now.
ModePlan plan_election(const ModeState& state, Election& election, const Finding& finding,
                       const HoldOptions& options, TimePoint now);

}  // namespace rz::fallback
