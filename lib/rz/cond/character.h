#pragma once

#include <string>
#include <string_view>

namespace rz::cond {

/// The first character of `text` as a message names it: `'x'` where it can be seen, `U+00A0` where
/// it cannot (blanks, controls, what reorders text or has no width), `the byte 0xff` where it is
/// not UTF-8. `text` is not empty.
std::string name_character(std::string_view text);

/// printable(text), in which a character beyond ASCII that cannot be seen stands as `<U+00A0>`.
std::string visible(std::string_view text);

}  // namespace rz::cond
