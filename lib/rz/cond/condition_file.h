#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// What check_condition_file found.
struct ConditionFileReport {
  std::size_t conditions = 0;   ///< Good and bad ones.
  std::size_t bad = 0;          ///< Those with errors.
  std::vector<Error> errors;    ///< All of them, in order; `where` is `NAME:LINE:COLUMN`.
  std::vector<Error> warnings;  ///< As lint_condition gives them, likewise.
};

/// Checks a text with one condition a line. Blank lines are skipped, and so is what follows a `#`
/// outside of a string or a name in backquotes; a byte order mark is not a character of the text.
ConditionFileReport check_condition_file(std::string_view text, std::string_view name,
                                         const ConditionOptions& options);

/// Parses a text that is one condition, over as many lines as it likes, with the same comments.
/// Errors: parse; `where` is `NAME:LINE:COLUMN`.
Result<Condition> parse_condition_file(std::string_view text, std::string_view name,
                                       const ConditionOptions& options);

/// `text` without its comments, which become blanks, so that all places stay, and without a byte
/// order mark.
std::string without_comments(std::string_view text);

}  // namespace rz::cond
