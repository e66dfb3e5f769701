#pragma once

#include <string_view>

namespace rz::reports {

/// The script of a flame graph, as it stands in its XML.
extern const std::string_view kFlameGraphScript;

}  // namespace rz::reports
