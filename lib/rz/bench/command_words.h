#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

namespace rz::bench {

/// The program and the arguments in `text`, between blanks; quotes and backslashes keep blanks as a
/// shell has it. There is no shell: nothing else has a meaning, and what would have one is refused
/// outside of quotes, since it would do something else than expected.
/// Errors: invalid_argument (no word, an open quote, a character for a shell).
Result<std::vector<std::string>> split_command(std::string_view text);

/// `argv` as one would type it: what has blanks or quotes in it, or ends in a colon, is quoted.
std::string join_command(const std::vector<std::string>& argv);

/// Values that one thing is measured with.
struct Choices {
  std::string name;
  std::vector<std::string> values{};
};

/// `NAME=a,b,c`, or `NAME=1..9`, or `NAME=0..100..20` in steps; a thousand values at most.
/// Errors: invalid_argument.
Result<Choices> parse_choices(std::string_view text);

/// Puts `value` in the place of each `{name}` in the words.
void insert_choice(std::vector<std::string>& words, const std::string& name,
                   const std::string& value);

}  // namespace rz::bench
