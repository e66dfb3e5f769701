#include "rz/base/value.h"

#include <iterator>
#include <set>

namespace rz {

Value::Value(unsigned long v) {
  if (v <= INT64_MAX) {
    data_.emplace<std::int64_t>(static_cast<std::int64_t>(v));
  } else {
    data_.emplace<double>(static_cast<double>(v));
  }
}

const Value* Value::find(std::string_view key) const {
  const Object* object = as_object();
  if (object == nullptr) return nullptr;
  // The last of equal names wins, as in most JSON readers (RFC 8259, section 4).
  for (auto it = object->rbegin(); it != object->rend(); ++it) {
    if (it->first == key) return &it->second;
  }
  return nullptr;
}

std::optional<std::string_view> Value::repeated_name() const {
  const Object* object = as_object();
  if (object == nullptr) return std::nullopt;
  std::set<std::string_view> names;
  for (const auto& [name, value] : *object) {
    if (!names.insert(name).second) return name;
  }
  return std::nullopt;
}

void Value::set(std::string_view key, Value value) {
  Object& object = *as_object();
  for (auto it = object.rbegin(); it != object.rend(); ++it) {
    if (it->first == key) {
      it->second = std::move(value);
      return;
    }
  }
  object.emplace_back(std::string(key), std::move(value));
}

const char* Value::type_name() const {
  static constexpr const char* kNames[] = {"null",   "boolean", "integer", "number",
                                           "string", "array",   "object"};
  return kNames[data_.index()];
}

}  // namespace rz
