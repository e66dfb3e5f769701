#include "rz/cond/context_reader.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"
#include "rz/cond/filter/json_context.h"

namespace rz::cond {
namespace {

const ConditionOptions kDeclared{{{"severity", VariableType::number},
                                  {"count", VariableType::integer},
                                  {"name", VariableType::string},
                                  {"flag", VariableType::boolean}},
                                 50};

/// The variable's value afterwards, or the error.
std::string assigned(std::string_view assignment) {
  ConditionContext context;
  const auto set = set_variable(context, kDeclared, assignment);
  if (!set) return to_string(set.error());
  REQUIRE(context.values().size() == 1);
  const std::string& name = context.values()[0].first;
  return name + "=" + to_string(context.get(name));
}

std::string read_object(std::string_view json) {
  ConditionContext context;
  const auto document = parse_json(json);
  REQUIRE(document.has_value());
  const auto set = set_variables(context, kDeclared, *document, "f.json");
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
  CHECK(assigned("severity=1e-400") == "severity=0.0");
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
  CHECK(read_object("{}") == "");
  CHECK(read_object(R"({"severity":0.5,"count":3,"name":"a","flag":true,"other":[1]})") ==
        R"(severity=0.5 count=3 name="a" flag=true )");
  CHECK(read_object(R"({"severity":null})") == "severity=missing ");
  CHECK(read_object(R"({"nested":{"severity":1}})") == "");
}

TEST_CASE("a document that is wrong") {
  CHECK(read_object("[1]") ==
        "f.json: expected an object of names and values, but this is of type array");
  CHECK(read_object(R"({"severity":"1"})") ==
        "f.json: variable 'severity' is a number, but its value is of type string");
  CHECK(read_object(R"({"name":1})") ==
        "f.json: variable 'name' is a string, but its value is of type integer");
  CHECK(read_object(R"({"flag":{}})") ==
        "f.json: variable 'flag' is true or false, but its value is of type object");
}

TEST_CASE("a name that is defined with two types is refused") {
  const auto defined = [](const std::vector<std::string>& definitions) {
    ConditionOptions options;
    const auto done = define_variables(options, definitions);
    return done ? "" : done.error().message;
  };
  CHECK(defined({"a:number", "b:string", "a:number"}) == "");
  CHECK(defined({"a:number", "b:string", "`a`:string"}) == "'a' is defined with two types");
  CHECK(defined({"severity:string"}) == "");  // Another type than the configuration's is an order.
  CHECK(defined({"a:number", "a"}) ==
        "'a' is not a definition; write NAME:TYPE, the type one of number, integer, string and "
        "boolean");
}

TEST_CASE("names that are not identifiers, with and without backquotes") {
  const auto defined = [](const char* definition) {
    ConditionOptions options{{}, 50};
    const auto done = define_variable(options, definition);
    return done ? options.variables.front().name : done.error().message;
  };
  CHECK(defined("eol-lts:number") == "eol-lts");
  CHECK(defined("`eol-lts`:number") == "eol-lts");
  CHECK(defined("`a:b`:string") == "a:b");
  CHECK(defined("a:b:string") == "a:b");
  CHECK(defined("Cost Total $:number") == "Cost Total $");
  CHECK(defined("größe:number") == "größe");
  CHECK(defined("`and`:number") == "and");
  CHECK(defined("and:number") == "'and' is a reserved word of conditions");
  CHECK(defined(":number") == "'' is not a name; it is empty");
  CHECK(defined(" :number") == "' ' is not a name; it has only blanks");
  CHECK(defined("a\tb:number") == "'a\\tb' is not a name; it has a control character");
  CHECK(defined("\xff:number") == "'\\xff' is not a name; it is not UTF-8");

  const ConditionOptions options{{{"a=b", VariableType::number}, {"c d", VariableType::number}},
                                 50};
  ConditionContext context;
  CHECK(set_variable(context, options, "`a=b`=1").has_value());
  CHECK(set_variable(context, options, "c d=2").has_value());
  CHECK(to_string(context.get("a=b")) == "1");
  CHECK(to_string(context.get("c d")) == "2");
}

TEST_CASE("a path of a document") {
  const auto document = parse_json(R"({"a":{"b":{"c":1},"b.c":2},"a.x":3,"l":[1]})");
  const auto member = [&](std::string_view name) {
    const Value* found = find_member(*document, name);
    return found == nullptr ? "none" : to_json(*found);
  };
  CHECK(member("a.b.c") == "2");
  CHECK(member("a.x") == "3");
  CHECK(member("a.b") == R"({"c":1})");
  CHECK(member("a.z") == "none");
  CHECK(member("l.0") == "none");
}

TEST_CASE("a JSON document is read as a record of the filter is") {
  const ConditionOptions options{
      {{"severity", VariableType::number}, {"a.b", VariableType::string}}, 50};
  const auto read_json = [&](std::string_view text) {
    ConditionContext context;
    const auto done = set_variables_from_json(context, options.variables, text, "f");
    if (!done) return to_string(done.error());
    if (!*done) return std::string("no JSON object");
    return to_string(context.get("severity")) + " " + to_string(context.get("a.b"));
  };
  CHECK(read_json("{\n \"severity\": 1,\n \"a\": {\"b\": \"x\"}\n}\n") == "1 \"x\"");
  CHECK(read_json(R"({"x":1e400,"severity":1})") == "1 missing");
  CHECK(read_json(R"({"severity":1e-400})") == "0.0 missing");
  CHECK(
      read_json("{\n\"severity\":18446744073709551615}") ==
      "f:2:12: the value of 'severity' is out of range: an integer beyond 64 bits, which would be "
      "rounded");
  CHECK(read_json("\xEF\xBB\xBF{}") == "missing missing");
  CHECK(read_json("{severity: 1}") == "no JSON object");
  CHECK(read_json("severity: 1") == "no JSON object");
  CHECK(read_json("{\"a\":\"\n\"}") == "no JSON object");
  CHECK(read_json("[]") == "no JSON object");
  CHECK(read_json("") == "no JSON object");
}

}  // namespace rz::cond
