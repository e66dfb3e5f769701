#pragma once

#include <string_view>

#include "rz/base/result.h"
#include "rz/profile/profile.h"

namespace rz::profile {

/// Adds the stacks that `perf script -F ip,sym,dso` prints to the first measure of `profile`, each
/// with this weight: a line `ADDRESS NAME (FILE)` for each function, the innermost first, and an
/// empty one behind each stack.
/// Errors: parse (a line that is none of these, with its number).
Result<void> add_perf_script(std::string_view text, std::int64_t weight, Profile& profile);

}  // namespace rz::profile
