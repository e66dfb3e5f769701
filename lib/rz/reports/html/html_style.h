#pragma once

#include <string_view>

namespace rz::reports {

/// The style sheet of every page.
extern const std::string_view kHtmlStyle;

/// The script of every page. A page is whole without it; it adds zoom, keys and filters.
extern const std::string_view kHtmlScript;

}  // namespace rz::reports
