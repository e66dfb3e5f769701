#pragma once

#include <span>
#include <string>
#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"

/// Random conditions and values for properties, and what a condition means, written down as simply
/// as possible. The random ones are called inside rc::check.
namespace rz::cond::testing {

/// A whitelist with a variable of every type, and room for long conditions.
const ConditionOptions& wide_options();

/// The text of a condition over wide_options(), without errors of syntax or type.
std::string random_condition();

/// Fragments of the language and any bytes, in no order.
std::string random_junk();

/// Values of the types of `variables`, extreme ones among them; some are missing.
std::vector<ConditionValue> random_values(std::span<const Variable> variables);

/// What the tree means for these values: a plain walk, in arithmetic of more bits than the real
/// one.
Result<bool> meaning(const Ast& ast, std::span<const ConditionValue> values);

/// Whether two trees are equal, wherever their nodes stand in the text.
bool same_tree(const Ast& a, const Ast& b);

}  // namespace rz::cond::testing
