#pragma once

#include <span>
#include <string>
#include <vector>

#include "rz/fallback/policy.h"
#include "rz/fallback/policy_variables.h"

namespace rz::fallback {

/// By which change of one value the rules would call for another mode than `decision` does, as in
/// `safe with failed_components at least 2 (it is 1)`; for each rule that could do it alone.
/// `inputs` are what was decided from, `checks` the names that rules can ask for. What rules wait
/// for does not count.
std::vector<std::string> changes_of_mode(const Decision& decision, const PolicyInputs& inputs,
                                         std::span<const std::string> checks);

}  // namespace rz::fallback
