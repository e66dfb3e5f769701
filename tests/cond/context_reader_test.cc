#include "rz/cond/context_reader.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"

namespace rz {
namespace {

const ConditionOptions kOptions{{{"severity", VariableType::number},
                                 {"count", VariableType::integer},
                                 {"name", VariableType::string},
                                 {"flag", VariableType::boolean}},
                                50};

/// The variable's value afterwards, or the error.
std::string assigned(std::string_view assignment) {
  ConditionContext context;
  const auto set = set_variable(context, kOptions, assignment);
  if (!set) return to_string(set.error());
  REQUIRE(context.values().size() == 1);
  const std::string& name = context.values()[0].first;
  return name + "=" + to_string(context.get(name));
}

std::string read(std::string_view json) {
  ConditionContext context;
  const auto document = parse_json(json);
  REQUIRE(document.has_value());
  const auto set = set_variables(context, kOptions, *document, "f.json");
  if (!set) return to_string(set.error());
  std::string out;
  for (const auto& [name, stored] : context.values()) {
    out += name + "=" + to_string(context.get(name)) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("the type of a variable says how its value is read") {
  CHECK(assigned("severity=1") == "severity=1");
  CHECK(assigned("severity=-1") == "severity=-1");
  CHECK(assigned("severity=0.5") == "severity=0.5");
  CHECK(assigned("severity=1e3") == "severity=1000.0");
  CHECK(assigned("severity=9007199254740993") == "severity=9007199254740993");
  CHECK(assigned("count=2.5") == "count=2.5");
  CHECK(assigned("flag=true") == "flag=true");
  CHECK(assigned("flag=false") == "flag=false");
  CHECK(assigned("name=high") == R"(name="high")");
  CHECK(assigned("name=") == R"(name="")");
  CHECK(assigned("name=42") == R"(name="42")");
  CHECK(assigned("name=a=b") == R"(name="a=b")");
  CHECK(assigned("name='a b'") == R"(name="a b")");
  CHECK(assigned("name=\"a b\"") == R"(name="a b")");
  CHECK(assigned("name='a\"") == R"(name="'a\"")");
  CHECK(assigned("name='") == R"(name="'")");
}

TEST_CASE("an assignment that is wrong") {
  CHECK(assigned("severity") == "'severity' has no '='; write NAME=VALUE");
  CHECK(assigned("severty=1") == "unknown variable 'severty'; did you mean 'severity'?");
  CHECK(assigned("x=1") == "unknown variable 'x'; known: severity, count, name, flag");
  CHECK(assigned("=1") == "unknown variable ''; known: severity, count, name, flag");
  CHECK(assigned("severity=high") == "variable 'severity' is a number, but its value is 'high'");
  CHECK(assigned("severity=") == "variable 'severity' is a number, but its value is ''");
  CHECK(assigned("severity=nan") == "variable 'severity' is a number, but its value is 'nan'");
  CHECK(assigned("severity=9223372036854775808") ==
        "variable 'severity' is a number, but its value is '9223372036854775808'");
  CHECK(assigned("count=true") == "variable 'count' is an integer, but its value is 'true'");
  CHECK(assigned("flag=1") == "variable 'flag' is true or false, but its value is '1'");
}

TEST_CASE("a document sets what the whitelist knows") {
  CHECK(read("{}") == "");
  CHECK(read(R"({"severity":0.5,"count":3,"name":"a","flag":true,"other":[1]})") ==
        R"(severity=0.5 count=3 name="a" flag=true )");
  CHECK(read(R"({"severity":null})") == "severity=missing ");
  CHECK(read(R"({"nested":{"severity":1}})") == "");
}

TEST_CASE("a document that is wrong") {
  CHECK(read("[1]") == "f.json: expected an object of names and values, but this is of type array");
  CHECK(read(R"({"severity":"1"})") ==
        "f.json: variable 'severity' is a number, but its value is of type string");
  CHECK(read(R"({"name":1})") ==
        "f.json: variable 'name' is a string, but its value is of type integer");
  CHECK(read(R"({"flag":{}})") ==
        "f.json: variable 'flag' is true or false, but its value is of type object");
}

}  // namespace rz
