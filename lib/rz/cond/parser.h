#pragma once

#include <string_view>
#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"
#include "rz/cond/diagnostic.h"

namespace rz::cond {

/// The most tokens that ConditionOptions::max_tokens may allow. It bounds the depth of every
/// recursion over a condition.
inline constexpr std::size_t kTokenCeiling = 1000;

/// Parses and type-checks `text`. Everything found wrong goes to `diagnostics`, in order of place;
/// the tree is whole only if there is nothing.
///
///     condition  := or | "always"                     ("always" alone, in any case)
///     or         := and ("or" and)*
///     and        := not ("and" not)*
///     not        := "not" not | comparison
///     comparison := sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum | ["not"] "in" list]
///     list       := "[" sum ("," sum)* "]"
///     sum        := product (("+" | "-") product)*
///     product    := unary (("*" | "/" | "%") unary)*
///     unary      := "-" unary | atom
///     atom       := NUMBER | STRING | "true" | "false" | NAME | "(" or ")"
Ast parse(std::string_view text, const ConditionOptions& options,
          std::vector<Diagnostic>& diagnostics);

}  // namespace rz::cond
