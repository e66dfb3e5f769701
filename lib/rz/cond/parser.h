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

/// The longest text of a condition, in bytes: far above any that means something, and far below
/// what a Span can count.
inline constexpr std::size_t kTextBytesMax = 1 << 20;

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
///     atom       := NUMBER | STRING | "true" | "false" | NAME | "has" NAME | "(" or ")"
///
/// A NAME is an identifier, or anything in backquotes. `has` is a word of the language only before
/// a NAME, so that a variable may be called so.
Ast parse(std::string_view text, const ConditionOptions& options,
          std::vector<Diagnostic>& diagnostics);

}  // namespace rz::cond
