#include "rz/base/value.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace rz {
namespace {

TEST_CASE("each type of C++ becomes the type of JSON that holds it") {
  CHECK(Value().is_null());
  CHECK(Value(nullptr).is_null());
  CHECK(*Value(true).as_bool());
  CHECK(*Value(-7).as_int() == -7);
  CHECK(*Value(7L).as_int() == 7);
  CHECK(*Value(7LL).as_int() == 7);
  CHECK(*Value(std::numeric_limits<unsigned>::max()).as_int() == 4'294'967'295);
  CHECK(*Value(1.5).as_double() == 1.5);
  CHECK(*Value("text").as_string() == "text");
  CHECK(*Value(std::string_view("a\0b", 3)).as_string() == std::string("a\0b", 3));
  CHECK(Value::array({1, "a"}).as_array()->size() == 2);
  CHECK(Value::object({{"a", 1}}).as_object()->size() == 1);
}

TEST_CASE("an unsigned number that int64 cannot hold becomes a double, never a negative") {
  CHECK(*Value(std::size_t{INT64_MAX}).as_int() == INT64_MAX);
  CHECK(*Value(std::size_t{INT64_MAX} + 1).as_double() == 9223372036854775808.0);
  CHECK(*Value(std::numeric_limits<std::size_t>::max()).as_double() == 18446744073709551616.0);
}

TEST_CASE("content is given for the own type alone") {
  const Value text = "1";
  CHECK(text.as_int() == nullptr);
  CHECK(text.as_bool() == nullptr);
  CHECK_FALSE(text.is_number());
  CHECK_FALSE(text.is_null());
  const Value one = 1;
  CHECK(one.is_number());
  CHECK(one.as_double() == nullptr);
  CHECK(Value(1.0).is_number());
  CHECK(one != Value(1.0));
  CHECK(one.as_bool() == nullptr);
}

TEST_CASE("types have names for messages") {
  CHECK(Value().type_name() == std::string("null"));
  CHECK(Value(true).type_name() == std::string("boolean"));
  CHECK(Value(1).type_name() == std::string("integer"));
  CHECK(Value(1.5).type_name() == std::string("number"));
  CHECK(Value("").type_name() == std::string("string"));
  CHECK(Value::array().type_name() == std::string("array"));
  CHECK(Value::object().type_name() == std::string("object"));
}

TEST_CASE("members keep the order in which they were set first") {
  Value value = Value::object();
  value.set("z", 1);
  value.set("a", 2);
  value.set("z", 3);
  CHECK(value == Value::object({{"z", 3}, {"a", 2}}));
  CHECK(*value.find("z")->as_int() == 3);
  CHECK(value.find("b") == nullptr);
  CHECK(value.find("") == nullptr);
}

TEST_CASE("of equal keys find() and set() mean the same one: the last") {
  Value value = Value::object({{"a", 1}, {"b", 2}, {"a", 3}});
  CHECK(*value.find("a")->as_int() == 3);
  value.set("a", 4);
  CHECK(*value.find("a")->as_int() == 4);
  CHECK(value.as_object()->size() == 3);
}

TEST_CASE("only an object has members") {
  CHECK(Value("a").find("a") == nullptr);
  CHECK(Value::array({"a"}).find("a") == nullptr);
  CHECK(Value().find("") == nullptr);
}

TEST_CASE("a copy shares nothing with its source") {
  Value source = Value::object({{"list", Value::array({1})}});
  const Value copy = source;
  source.as_object()->front().second.as_array()->clear();
  CHECK(copy.find("list")->as_array()->size() == 1);
  CHECK(source.find("list")->as_array()->empty());
}

}  // namespace
}  // namespace rz
