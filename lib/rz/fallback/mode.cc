#include "rz/fallback/mode.h"

#include "rz/base/text.h"

namespace rz {

const char* to_string(Mode mode) {
  switch (mode) {
    case Mode::primary: return "primary";
    case Mode::heuristic: return "heuristic";
    case Mode::safe: return "safe";
  }
  return "safe";
}

std::optional<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    if (equals_ignore_case(text, to_string(mode))) return mode;
  }
  return std::nullopt;
}

}  // namespace rz
