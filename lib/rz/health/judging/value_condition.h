#pragma once

#include <functional>
#include <string>

#include "rz/base/field_visitor.h"
#include "rz/cond/condition.h"

namespace rz::health {

/// What is wrong with a condition over a value whose type shows only once it is there: a number, a
/// text or a boolean. It is right if it is so for one of these types, each of which `options` gives
/// the variable; what is odd about it is odd for each type for which it is right.
TextProblems check_value_condition(
    const std::string& text, const std::function<ConditionOptions(VariableType value)>& options);

}  // namespace rz::health
