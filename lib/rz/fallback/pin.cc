#include "rz/fallback/pin.h"

#include "rz/base/timestamp.h"

namespace rz {

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
