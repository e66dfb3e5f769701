#pragma once

#include <string>
#include <string_view>

namespace rz {

/// `text` with every byte as `%XX` that is no letter, no digit, not in `also` and not above 127
/// (what a name in UTF-8 is made of): as data in a URL.
std::string percent_encode(std::string_view text, std::string_view also);

}  // namespace rz
