#include "rz/base/value.h"

#include <iterator>

namespace rz {

const Value* Value::find(std::string_view key) const {
  const Object* object = as_object();
  if (object == nullptr) return nullptr;
  for (auto it = object->rbegin(); it != object->rend(); ++it) {
    if (it->first == key) return &it->second;
  }
  return nullptr;
}

void Value::set(std::string_view key, Value value) {
  for (Member& member : *as_object()) {
    if (member.first == key) {
      member.second = std::move(value);
      return;
    }
  }
  as_object()->emplace_back(std::string(key), std::move(value));
}

const char* Value::type_name() const {
  static constexpr const char* kNames[] = {"null",   "boolean", "integer", "number",
                                           "string", "array",   "object"};
  return kNames[data_.index()];
}

}  // namespace rz
