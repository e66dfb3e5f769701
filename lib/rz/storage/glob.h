#pragma once

#include <string>
#include <string_view>

namespace rz::storage {

/// Whether all of `text` matches `glob` as Redis' KEYS and SCAN see it: `*` any run, `?` any byte,
/// `[abc] [a-z] [^x]` sets, `\` the next byte itself. Byte for byte, time O(len(glob) · len(text)).
///
/// As in Redis, every text is a valid glob: a set that is not closed ends with the glob, `[]`
/// matches nothing and `[^]` any byte, a range may run backwards, and a `\` at the end matches
/// itself. Bytes of a range compare unsigned.
bool glob_matches(std::string_view glob, std::string_view text);

/// `text` with each of `* ? [ ] \` escaped, so that it matches itself alone.
std::string glob_escape(std::string_view text);

/// The bytes that every match of `glob` begins with: an ordered store needs to look only at keys
/// with this prefix.
std::string glob_literal_prefix(std::string_view glob);

}  // namespace rz::storage
