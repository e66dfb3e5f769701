#pragma once

#include <memory>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: condition`: a condition over the results of other checks. Its variables are
/// `NAME.status`, `NAME.message`, `NAME.latency_ms`, `NAME.skipped`, and `NAME.KEY` for what the
/// check measured, as `disk.usage_percent`; NAME is the name of a check, up to the first dot.
/// CheckOptions::combines has these names.
struct ConditionCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "condition";

  std::string when;
};

void visit_fields(FieldVisitor& fields, ConditionCheckOptions& options);

/// Fills in `options.combines` from `options.when`. Errors: parse, as parse_condition; a variable
/// without a dot.
Result<void> find_combined_checks(ConditionCheckOptions& options);

/// Healthy if the condition is true, unhealthy if it is false, with the values that it used in the
/// message. Unknown if a value is missing or is not of the type that the condition needs, and if it
/// is false while one of the checks is unknown: then it might be true. Metadata: condition, and
/// each value by the name of its variable.
std::shared_ptr<HealthCheck> make_condition_check(ConditionCheckOptions options);
std::shared_ptr<HealthCheck> make_health_check(const ConditionCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
