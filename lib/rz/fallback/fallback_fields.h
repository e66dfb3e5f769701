#pragma once

#include <string>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/fallback/fallback_options.h"

namespace rz::fallback {

/// The keys of `fallback`; `conditions` is the whitelist of actions and of the heuristic detector,
/// `checks` are the names of those that rules can ask for.
void visit_fields(FieldVisitor& fields, FallbackOptions& options,
                  const ConditionOptions& conditions, const std::vector<std::string>& checks = {});

/// What is wrong with a service level objective, in percent; empty: nothing.
std::string slo_problem(double percent);

}  // namespace rz::fallback
