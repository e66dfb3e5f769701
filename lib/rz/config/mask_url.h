#pragma once

#include <string>
#include <string_view>

namespace rz::config {

/// A URL as the file writes it, with `***` in place of its password and, for HTTP, of its query.
/// Unlike redact_url it still shows that there is a password, and a reference (`${NAME}`) that is
/// all of it.
std::string mask_url(std::string_view text);

}  // namespace rz::config
