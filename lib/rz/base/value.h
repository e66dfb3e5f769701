#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)
namespace rz {

/// A document of JSON's data model, whatever it was read from. Objects keep the order of their
/// keys. Integers that fit are int64, all other numbers double. A plain value type.
class Value {
 public:
  using Array = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(long v) : data_(std::int64_t{v}) {}
  Value(long long v) : data_(std::int64_t{v}) {}
  Value(unsigned v) : data_(std::int64_t{v}) {}
  Value(unsigned long v);
  Value(double v) : data_(v) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(Array v) : data_(std::move(v)) {}
  Value(Object v) : data_(std::move(v)) {}

  /// `Value::object({{"a", 1}, {"b", "x"}})`.
  static Value object(std::initializer_list<Member> members = {}) { return Value(Object(members)); }
  static Value array(std::initializer_list<Value> items = {}) { return Value(Array(items)); }

  bool is_null() const { return data_.index() == 0; }
  bool is_number() const { return as_int() != nullptr || as_double() != nullptr; }

  /// The content if the value is of that type, else nullptr.
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
  const double* as_double() const { return std::get_if<double>(&data_); }
  const std::string* as_string() const { return std::get_if<std::string>(&data_); }
  const Array* as_array() const { return std::get_if<Array>(&data_); }
  const Object* as_object() const { return std::get_if<Object>(&data_); }
  Array* as_array() { return std::get_if<Array>(&data_); }
  Object* as_object() { return std::get_if<Object>(&data_); }

  /// The member named `key` of an object (the last one if it is there twice); nullptr if there is
  /// none or this is not an object.
  const Value* find(std::string_view key) const;

  /// A name that two or more members of this object share; nothing if all names differ. A caller
  /// that decides from such a document should refuse it, because nothing tells which member was
  /// meant.
  std::optional<std::string_view> repeated_name() const;

  /// Adds or replaces the member that find() answers with; this value must be an object.
  void set(std::string_view key, Value value);

  /// Appends to an array; this value must be an array.
  void push_back(Value value) { as_array()->push_back(std::move(value)); }

  /// "null", "boolean", "integer", "number", "string", "array", "object": for messages.
  const char* type_name() const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

}  // namespace rz
#pragma GCC visibility pop
