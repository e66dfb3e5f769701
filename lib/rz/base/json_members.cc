#include "rz/base/json_members.h"

#include "rz/base/timestamp.h"

namespace rz {
namespace {

const std::string* text_of(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  return member ? member->as_string() : nullptr;
}

}  // namespace

std::string text_or(const Value& object, std::string_view key, std::string fallback) {
  const std::string* text = text_of(object, key);
  return text ? *text : fallback;
}

std::int64_t integer_or(const Value& object, std::string_view key, std::int64_t fallback) {
  const Value* member = object.find(key);
  const std::int64_t* integer = member ? member->as_int() : nullptr;
  return integer ? *integer : fallback;
}

bool boolean_or(const Value& object, std::string_view key, bool fallback) {
  const Value* member = object.find(key);
  const bool* boolean = member ? member->as_bool() : nullptr;
  return boolean ? *boolean : fallback;
}

Result<TimePoint> time_or(const Value& object, std::string_view key, TimePoint fallback) {
  const std::string* text = text_of(object, key);
  return text ? parse_timestamp(*text) : Result<TimePoint>(fallback);
}

}  // namespace rz
