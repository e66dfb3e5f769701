#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// Why a variable cannot have this name, in the words behind `'NAME' is `; nothing if it can. A
/// name that is not an identifier stands in backquotes in conditions.
std::optional<std::string> variable_name_problem(std::string_view name);

/// Adds a variable to the whitelist from `NAME:TYPE`, as a command line has it; one that is there
/// gets the type. NAME may stand in backquotes. Errors: invalid_argument (no such type, no name
/// that a condition could hold).
Result<void> define_variable(ConditionOptions& options, std::string_view definition);

/// define_variable for each. Errors: as there, and two definitions of one name with different
/// types: which was meant cannot be told.
Result<void> define_variables(ConditionOptions& options, std::span<const std::string> definitions);

/// Sets a variable from `NAME=VALUE`, as a command line has it. The whitelist's type says how VALUE
/// is read: `true` or `false`, a number, or a string (quotes around it, `'` or `"`, are taken off).
/// Errors: invalid_argument (no `=`, an unknown name, a value of another type).
Result<void> set_variable(ConditionContext& context, const ConditionOptions& options,
                          std::string_view assignment);

/// The member of an object that a variable's name means: the one of that very name (the last, if
/// there are several), or else, for `a.b`, what `b` means in the object that is the member `a`.
/// nullptr if there is none.
const Value* find_member(const Value& object, std::string_view name);

/// Sets the variables that a document names. Members that are not in the whitelist are ignored, so
/// that whole records can be passed; null is not a value. See find_member(). Errors:
/// invalid_argument
/// (`document` is not an object, a member's value is of another type), with `where`.
Result<void> set_variables(ConditionContext& context, const ConditionOptions& options,
                           const Value& document, std::string_view where);

}  // namespace rz::cond
