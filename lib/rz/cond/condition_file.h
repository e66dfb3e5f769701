#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

namespace rz {

/// What check_condition_file found.
struct ConditionFileReport {
  std::size_t conditions = 0;   ///< Good and bad ones.
  std::size_t bad = 0;          ///< Those with errors.
  std::vector<Error> errors;    ///< All of them, in order; `where` is `NAME:LINE:COLUMN`.
  std::vector<Error> warnings;  ///< As lint_condition gives them, likewise.
};

/// Checks a text with one condition a line. Blank lines are skipped, and so is what follows a `#`
/// outside of a string.
ConditionFileReport check_condition_file(std::string_view text, std::string_view name,
                                         const ConditionOptions& options);

}  // namespace rz
