#pragma once

#include <string>
#include <string_view>

namespace rz {

/// A URL of the file, as written, with `***` for its password and, of http, its query. Unlike
/// redact_url it still shows that there is a password, and a reference (`${NAME}`) that stands for
/// all of it.
std::string mask_url(std::string_view text);

}  // namespace rz
