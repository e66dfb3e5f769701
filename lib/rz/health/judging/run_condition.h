#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/base/result.h"
#include "rz/cond/condition.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// What CheckOptions::run_if may ask of the host: `hostname` (as `uname -n`), `host` (that, up to
/// the first dot), `os` (as the ID of os-release(5)), `arch` (as `uname -m`).
std::vector<Variable> host_fact_variables();

/// Their values; one that is not known is left out.
ConditionContext host_facts();

/// The key `run_if`. Fills in CheckOptions::awaits, too.
void visit_run_if(FieldVisitor& fields, CheckOptions& options);

/// Why a check whose `run_if` is this is not run, for a person; nothing: it is. `results` are those
/// of the checks that it names. Errors: those of parsing and of Condition::evaluate(): whether it
/// should run is unknown.
Result<std::optional<std::string>> why_not_run(const std::string& run_if,
                                               const std::vector<const CheckResult*>& results);

}  // namespace rz::health
