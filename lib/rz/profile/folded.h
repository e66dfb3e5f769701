#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/profile/profile.h"

namespace rz::profile {

/// Reads folded stacks, as flame graphs are made of: a line for each, `main;parse;next 12`, the
/// outermost function first. A line may end in CR LF; empty lines mean nothing.
/// Errors: parse (with the line's number), invalid_argument (no stack in it).
Result<Profile> read_folded(std::string_view text, const Measure& measure, std::string_view where);

/// Adds such stacks to a measure of `profile`; there may be none.
/// Errors: parse.
Result<void> add_folded(std::string_view text, std::string_view where, std::size_t measure,
                        Profile& profile);

/// One measure of `profile` as folded stacks, sorted. `;` separates names, and a line ends a stack:
/// both are written as a colon and a blank where a name has them, and so are control characters.
std::string to_folded(const Profile& profile, std::size_t measure);

}  // namespace rz::profile
