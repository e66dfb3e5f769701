#pragma once

#include <span>
#include <string_view>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// Sets the variables that a JSON object names, as the filter reads them out of a record: an
/// integer is exact or an error, paths reach into objects, and what no variable asks for may be any
/// number. False, with nothing set, if `text` is not a JSON object; it may be one of YAML. Errors:
/// invalid_argument (a value of another type, out of range), `where` with line and column.
Result<bool> set_variables_from_json(ConditionContext& context, std::span<const Variable> variables,
                                     std::string_view text, std::string_view where);

}  // namespace rz::cond
