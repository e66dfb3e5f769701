#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/cond/condition.h"

namespace rz {

/// Why a condition could not name a variable so: `no name; …`; nothing if it could.
std::optional<std::string> variable_name_problem(std::string_view name);

/// Adds a variable to the whitelist from `NAME:TYPE`, as a command line has it; one that is there
/// gets the type. Errors: invalid_argument (no such type, no name that a condition could hold).
Result<void> define_variable(ConditionOptions& options, std::string_view definition);

/// Sets a variable from `NAME=VALUE`, as a command line has it. The whitelist's type says how VALUE
/// is read: `true` or `false`, a number, or a string (quotes around it, `'` or `"`, are taken off).
/// Errors: invalid_argument (no `=`, an unknown name, a value of another type).
Result<void> set_variable(ConditionContext& context, const ConditionOptions& options,
                          std::string_view assignment);

/// Sets the variables that a document names. Members that are not in the whitelist are ignored, so
/// that whole records can be passed; null is no value; an object or array is not reached into.
/// Errors: invalid_argument (`document` is no object, a member's value is of another type), with
/// `where`.
Result<void> set_variables(ConditionContext& context, const ConditionOptions& options,
                           const Value& document, std::string_view where);

}  // namespace rz
