#pragma once

#include <string>
#include <string_view>

namespace rz::reports {

/// The text as content of an HTML element or a quoted attribute: made printable and escaped.
std::string html_text(std::string_view text);

/// What a Content-Security-Policy allows a style or a script by: `'sha256-…'`, of its very bytes.
std::string html_digest(std::string_view content);

}  // namespace rz::reports
