#pragma once

#include <optional>
#include <string_view>

#pragma GCC visibility push(default)
namespace rz {

/// How degraded the system runs. Greater is more degraded.
enum class Mode { primary = 0, heuristic = 1, safe = 2 };

/// `primary heuristic safe`.
const char* to_string(Mode mode);

/// In any case, as the old system's set_mode takes it; nothing for another word.
std::optional<Mode> parse_mode(std::string_view text);

}  // namespace rz
#pragma GCC visibility pop
