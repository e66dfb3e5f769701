#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz {

/// Reads one JSON document (RFC 8259), at most 200 levels deep. `where` names the source in errors.
/// The last of equal keys wins. Integers beyond int64 become double; numbers beyond double are
/// errors. Errors: parse, with `where:line:column`.
Result<Value> parse_json(std::string_view text, std::string_view where = "json");

/// One line without spaces if `indent` is 0, else that many spaces a level. Always valid JSON and
/// valid UTF-8: a byte that is not UTF-8 becomes U+FFFD, a non-finite number null. No
/// character that is_unprintable() (text.h) stands unescaped, so that no data can steer a terminal.
/// Of equal keys the last is kept.
std::string to_json(const Value& value, int indent = 0);

}  // namespace rz
