#pragma once

#include <optional>
#include <string_view>

#include "rz/cond/ast.h"

namespace rz::cond {

/// The number that a literal with a unit stands for: `5m` and `1h30m` seconds, `10MiB` bytes; an
/// int64 if it is whole, else a double. Units are those of durations and sizes everywhere in rz,
/// durations first. Nothing if `text` is none, or is beyond int64.
std::optional<Literal> read_unit_literal(std::string_view text);

}  // namespace rz::cond
