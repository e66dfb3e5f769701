#pragma once

#include <string>
#include <string_view>

namespace rz {

/// `text` as data in a URL: each byte becomes `%XX` except letters, digits, those of `also` and
/// those above 127, which names in UTF-8 are made of.
std::string percent_encode(std::string_view text, std::string_view also);

}  // namespace rz
