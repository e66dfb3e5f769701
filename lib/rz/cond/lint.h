#pragma once

#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/diagnostic.h"

namespace rz::cond {

/// What parses but is hardly meant: parts of a condition that have the same answer for all values
/// (`severity >= 0 or true`, `severity > 1 and severity < 0`), the largest such parts; and the
/// smallest that always fail (`step / 0`, `9223372036854775807 + 1`). In order of place. Never
/// wrong; silent where it cannot tell: about arithmetic with variables, two variables compared, and
/// parts with too many constants to try.
std::vector<Diagnostic> lint(const Ast& ast);

}  // namespace rz::cond
