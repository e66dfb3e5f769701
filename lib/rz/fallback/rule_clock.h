#pragma once

#include <map>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/host_memory.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/policy.h"

namespace rz::fallback {

/// What rules look at beside the health.
struct RuleInputs {
  Mode mode = Mode::primary;  ///< The mode that holds, and for how long it has.
  Micros time_in_mode{0};
  TimePoint now{};
  /// The evaluation before this one, if it is known.
  std::optional<TimePoint> evaluated_before{};
  /// A longer time without an evaluation of this host says nothing of what held in between. That of
  /// a rule's `for` counts if it is longer.
  Millis gap{0};
  /// What is remembered of the rules of this host. What is no rule any more is forgotten.
  std::map<std::string, RuleMemory>& memory;
  std::vector<std::string> warnings{};  ///< What a person should know.
};

/// Whether a rule fires, of which `holds` and `ends` are what its `when` and its `until` say: once
/// `when` has held for as long as the rule asks; and from then on until `ends`, if it has an
/// `until`. `verdict` and the memory in `inputs` are brought up to date.
void settle_rule(const RuleOptions& rule, bool holds, bool ends, RuleInputs& inputs,
                 RuleVerdict& verdict);

}  // namespace rz::fallback
