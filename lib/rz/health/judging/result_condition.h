#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/cond/condition.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// Conditions over the results of checks. Their variables are `NAME.status`, `NAME.message`,
/// `NAME.type`, `NAME.latency_ms`, `NAME.skipped`, and `NAME.KEY` for what the check measured, as
/// `disk.usage_percent`; NAME is the name of a check, up to the first dot. A name without a dot is
/// a fact, if there is such a one.

/// What `text` may use: the results that it names, each of the type that it is compared with, since
/// what a check measures has a type only once it has run; and `facts`.
ConditionOptions result_condition_options(std::string_view text,
                                          std::span<const Variable> facts = {});

/// The checks whose results it names, each once.
std::vector<std::string> checks_named_in(const Condition& condition);

struct NamedValue {
  std::string name;
  Value value;
};

/// Adds to `context` what the condition needs of `results`, and returns it. What is not there, or
/// is a list or an object, is left out.
std::vector<NamedValue> add_result_values(const Condition& condition,
                                          const std::vector<const CheckResult*>& results,
                                          ConditionContext& context);

/// `disk.status is "healthy", host is "web-1"`: the variables that have a value. Printable.
std::string describe_values(const Condition& condition, const ConditionContext& context);

/// `disk has available_bytes, usage_percent`: what there is of the checks of which `condition`
/// names something that is not there; empty: nothing is missing. Printable.
std::string missing_values(const Condition& condition,
                           const std::vector<const CheckResult*>& results);

/// An error of a condition as a part of a line: its own text has the place and a caret below it,
/// which take several.
std::string_view first_line(std::string_view message);

}  // namespace rz::health
