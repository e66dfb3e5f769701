#pragma once

#include <string>
#include <string_view>

#include "rz/base/value.h"

namespace rz::testing {

/// The text of a member of a help document; empty if it is none.
inline std::string text_of(const Value& row, std::string_view member) {
  const std::string* text = row.find(member)->as_string();
  return text != nullptr ? *text : "";
}

}  // namespace rz::testing
