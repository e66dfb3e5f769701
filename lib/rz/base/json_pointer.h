#pragma once

#include <string_view>

#include "rz/base/value.h"

namespace rz {

/// Whether `text` is a JSON pointer (RFC 6901): empty, or `/` before each part, in which `~0`
/// stands for `~` and `~1` for `/`.
bool is_json_pointer(std::string_view text);

/// What `pointer`, which is one, leads to in `document`; nullptr if there is nothing.
const Value* find_at(const Value& document, std::string_view pointer);

}  // namespace rz
