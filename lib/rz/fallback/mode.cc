#include "rz/fallback/mode.h"

#include "rz/base/text.h"
#include "rz/base/timestamp.h"

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

Value to_value(const Pin& pin) {
  return Value::object({{"until", pin.until ? Value(format_timestamp(*pin.until)) : Value()},
                        {"reason", pin.reason},
                        {"actor", pin.actor}});
}

std::string describe(const Pin& pin) {
  return pin.actor + (pin.until ? " until " + format_timestamp(*pin.until) : "") + ": " +
         pin.reason;
}

}  // namespace rz
