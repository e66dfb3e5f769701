#pragma once

#include <string_view>
#include <vector>

#include "rz/cond/condition.h"

namespace rz::cond {

/// For each of the condition's variables whether the condition may need its value: not where it
/// asks with `has` whether there is one.
std::vector<bool> needed_variables(const Condition& condition);

/// The names in `text` that are not in the whitelist and not similar to a name in it, each once,
/// with the type that its comparison suggests; none if `text` holds what is not a token.
std::vector<Variable> unknown_variables(std::string_view text, const ConditionOptions& options);

}  // namespace rz::cond
