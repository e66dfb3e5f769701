#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rz::fallback {

/// The names that fill_in (command_callback.h) knows in an argument: `{from}`, `{to}`, …
std::span<const std::string_view> placeholder_names();

/// The first `{word}` of `argument` that is not a placeholder, where `word` is of small letters and
/// `_` only: more likely a mistake than meant. Nothing if there is none.
std::optional<std::string> unknown_placeholder(std::string_view argument);

}  // namespace rz::fallback
