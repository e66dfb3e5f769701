#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rz {

/// `text` as data in a URL: each byte becomes `%XX`, except letters, digits, the characters of
/// `also`, and bytes above 127, which are parts of UTF-8 characters.
std::string percent_encode(std::string_view text, std::string_view also);

/// The text that percent_encode() made `text` of, or another writer of URLs. Nothing if a `%` is
/// not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace rz
