#include "rz/base/error_value.h"

namespace rz {

Value to_value(const Error& error) {
  return Value::object(
      {{"code", to_string(error.code)}, {"message", error.message}, {"where", error.where}});
}

}  // namespace rz
