#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/diagnostic.h"

namespace rz::cond {

/// Finds parts that are valid but hardly intended: those with the same answer for all values
/// (`severity >= 0 or true`, `severity > 1 and severity < 0`), the largest such parts; and the
/// smallest that always fail (`step / 0`, `9223372036854775807 + 1`). In order of place. Never
/// wrong; silent where it cannot tell: about arithmetic with variables, two variables compared, and
/// parts with too many constants to try.
std::vector<Diagnostic> lint(const Ast& ast);

/// The words that a string variable may hold, by its name, for variables that hold no others.
using KnownWords = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The strings in `ast` with which such a variable is compared though it never holds them
/// (`state == "opne"`), in order of place.
std::vector<Diagnostic> lint_words(const Ast& ast, const KnownWords& words);

}  // namespace rz::cond
