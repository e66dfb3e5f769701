#pragma once

#include <string>
#include <string_view>

namespace rz {

/// `text` as data in a URL: each byte becomes `%XX`, except letters, digits, the characters of
/// `also`, and bytes above 127, which are parts of UTF-8 characters.
std::string percent_encode(std::string_view text, std::string_view also);

}  // namespace rz
