#pragma once

#include <string>
#include <string_view>

namespace rz {

/// Whether all of `text` matches `glob` as Redis' KEYS and SCAN see it: `*` any run, `?` any byte,
/// `[abc] [a-z] [^x]` sets, `\` the next byte itself. Byte for byte, time O(len(glob) · len(text)).
bool glob_matches(std::string_view glob, std::string_view text);

/// `text` with each of `* ? [ ] \` escaped, so that it matches itself alone.
std::string glob_escape(std::string_view text);

}  // namespace rz
