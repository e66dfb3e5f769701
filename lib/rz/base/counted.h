#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rz {

/// `1 record`, `2 records`: a number and the regular plural of what it counts.
inline std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n).append(" ").append(what).append(n == 1 ? "" : "s");
}

}  // namespace rz
