#include "rz/cond/filter/json_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/cond/filter/number.h"

namespace rz::cond {
namespace {

const std::vector<Variable> kJsonVariables = {
    {"n", VariableType::number}, {"s", VariableType::string}, {"b", VariableType::boolean}};

/// Reads records one after the other, as those of one stream.
class Records {
 public:
  /// "n=1 s="x"", or the problem with its column.
  std::string read(std::string record) {
    const std::size_t size = record.size();
    record += '\n';
    record.append(kReadAhead, '{');
    std::vector<ConditionValue> values(kJsonVariables.size(), true);
    const char* end = reader_.read(record.data(), values);
    if (end == nullptr) {
      const RecordProblem& problem = reader_.problem();
      return std::to_string(problem.at - record.data() + 1) + ": " + problem.message;
    }
    CHECK(end == record.data() + size);
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::monostate>(values[i])) continue;
      text += (text.empty() ? "" : " ") + kJsonVariables[i].name + "=" + to_string(values[i]);
    }
    return text;
  }

 private:
  JsonReader reader_{kJsonVariables};
};

std::string read(const std::string& record) {
  // Also as a record behind one that is just like it up to a value.
  Records records;
  const std::string first = records.read(record);
  CHECK(records.read(record) == first);
  records.read(R"({"n":1,"s":"x","b":true})");
  CHECK(records.read(record) == first);
  CHECK(records.read(record) == first);
  return first;
}

}  // namespace

TEST_CASE("values of the named members, whatever stands around them") {
  CHECK(read(R"({"n":1,"s":"x","b":true})") == R"(n=1 s="x" b=true)");
  CHECK(read(" {\t\"b\" : false , \"s\" : \"\" , \"n\" : -2.5 } \r") == R"(n=-2.5 s="" b=false)");
  CHECK(read(R"({"a":{"n":5,"b":[true,{"s":"no"}]},"n":7,"z":null})") == "n=7");
  CHECK(read(R"({"x":[],"y":{},"n":3,"w":[1,"2",{"q":[[]]}]})") == "n=3");
  CHECK(read("{}") == "");
  CHECK(read(" { } ") == "");
  CHECK(read(R"({"n":null,"s":null})") == "");
  CHECK(read(R"({"n":12345678901234567890})") ==
        "6: the value of 'n' is out of range: an integer beyond 64 bits, which would be rounded");
  CHECK(read(R"({"n":12345678901234567168})") == "n=12345678901234567168.0");
}

TEST_CASE("the last of equal members counts, right or wrong") {
  CHECK(read(R"({"n":1,"n":2})") == "n=2");
  CHECK(read(R"({"n":1,"n":null})") == "");
  CHECK(read(R"({"n":"x","n":2})") == "n=2");
  CHECK(read(R"({"n":1e999,"n":2})") == "n=2");
  CHECK(read(R"({"n":[],"n":null})") == "");
  CHECK(read(R"({"n":2,"n":"x"})") == "12: 'n' is a number, but its value here is a string");
}

TEST_CASE("escapes in names and values") {
  CHECK(read(R"({"\u006e":4})") == "n=4");
  CHECK(read(R"({"s":"a\"b\\\/\n\u00e9\ud83d\ude00"})") == "s=\"a\\\"b\\\\/\\né😀\"");
  CHECK(read("{\"s\":\"Größe\"}") == "s=\"Größe\"");
  CHECK(read(R"({"x":"\x"})") == "7: an escape that JSON does not have");
  CHECK(read(R"({"x":"\u12g4"})") == "7: an escape \\u without four hexadecimal digits");
  CHECK(read(R"({"x":"\ud800"})") == "7: half of a surrogate pair");
  CHECK(read(R"({"x":"\ud800\u0041"})") == "7: half of a surrogate pair");
  CHECK(read(R"({"x":"\udc00"})") == "7: half of a surrogate pair");
}

TEST_CASE("values of another type") {
  CHECK(read(R"({"n":true})") == "6: 'n' is a number, but its value here is true");
  CHECK(read(R"({"n":{"a":1}})") == "6: 'n' is a number, but its value here is an object");
  CHECK(read(R"({"s":1.5})") == "6: 's' is a string, but its value here is a number");
  CHECK(read(R"({"b":[1]})") == "6: 'b' is true or false, but its value here is an array");
  CHECK(read(R"({"b":"true"})") == "6: 'b' is true or false, but its value here is a string");
  CHECK(read(R"({"n":1e999})") == "6: the value of 'n' is out of range");
  CHECK(read(R"({"x":1e999,"n":1})") == "n=1");
}

TEST_CASE("what is not a record") {
  CHECK(read(R"({"n":1)") == "7: expected ',' or '}', but the line ends");
  CHECK(read(R"({"n":1,)") == "8: expected the name of a member, but the line ends");
  CHECK(read(R"({"n":1,})") == "8: expected the name of a member, but there is '}'");
  CHECK(read(R"({"n":)") == "6: expected a value, but the line ends");
  CHECK(read(R"({"n")") == "5: expected ':', but the line ends");
  CHECK(read("{") == "2: expected the name of a member, but the line ends");
  CHECK(read(R"({"n":1}})") == "8: unexpected text after the end of the object");
  CHECK(read(R"({"n":1}{"n":2})") == "8: unexpected text after the end of the object");
  CHECK(read(R"({"n":1} x)") == "9: unexpected text after the end of the object");
  CHECK(read(R"({"s":"x)") == "6: a string that is not closed");
  CHECK(read("{\"s\":\"x\r") == "6: a string that is not closed");
  CHECK(read("{\"s\":\"x\ty\"}") == "8: a control character in a string");
  CHECK(read("{\"s\":\"x\xff\"}") == "8: a byte that is not UTF-8");
  CHECK(read("{\"x\xc3\":1}") == "4: a byte that is not UTF-8");
  CHECK(read("[1]") == "1: expected a JSON object, but this is an array");
  CHECK(read("null") == "1: expected a JSON object, but this is true, false or null");
  CHECK(read("x") == "1: expected a JSON object, but there is 'x'");
  CHECK(read("\u00a0{}") == "1: expected a JSON object, but there is U+00A0");
  CHECK(read(R"({"n":1}ä)") == "8: unexpected text after the end of the object");
  CHECK(read(R"({"n":ä})") == "6: expected a value, but there is 'ä'");
  CHECK(read(R"({"n":01})") == "6: this is not a JSON number");
  CHECK(read(R"({"n":1x})") == "7: expected ',' or '}', but there is 'x'");
  CHECK(read(R"({"x":tru})") == "6: expected a value, but there is 't'");
  CHECK(read(R"({"x":truest})") == "10: expected ',' or '}', but there is 's'");
  CHECK(read(R"({"x":[1,]})") == "9: expected a value, but there is ']'");
  CHECK(read(R"({"x":[1})") == "8: expected ',' or ']', but there is '}'");
  CHECK(read(R"({"x":{"a" 1}})") == "11: expected ':', but there is '1'");
  CHECK(read(R"({"x":{1:2}})") == "7: expected the name of a member, but there is '1'");
  CHECK(read(R"({"x":[1e]})") == "7: this is not a JSON number");
  CHECK(read(R"({n:1})") == "2: expected the name of a member, but there is 'n'");
}

TEST_CASE("nesting is bounded") {
  const auto nested = [](int levels) {
    return "{\"x\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  CHECK(read(nested(200)) == "");
  CHECK(read(nested(201)) == "205: nested deeper than 200 levels");
  CHECK(read("{\"x\":" + std::string(1'000'000, '[')) == "205: nested deeper than 200 levels");
}

TEST_CASE("a record that differs from the last one is taken apart anew") {
  Records records;
  CHECK(records.read(R"({"n":1,"s":"x"})") == R"(n=1 s="x")");
  CHECK(records.read(R"({"n":2,"s":"y"})") == R"(n=2 s="y")");
  CHECK(records.read(R"({"n":2})") == "n=2");
  CHECK(records.read(R"({"n":3,"b":true})") == "n=3 b=true");
  CHECK(records.read(R"({"nn":4,"b":true})") == "b=true");
  CHECK(records.read(R"({"nn": 4,"b":  true})") == "b=true");
  CHECK(records.read(R"({"n" :5,"b":true})") == "n=5 b=true");
  CHECK(records.read(R"({})") == "");
  CHECK(records.read(R"({"n":6,"b":true,"s":"z"})") == R"(n=6 s="z" b=true)");
  // Too long to be compared in one go, before and behind others.
  const std::string name(100, 'x');
  for (int i = 0; i < 3; ++i) {
    CHECK(records.read("{\"n\":7,\"" + name + "\":1,\"b\":false}") == "n=7 b=false");
    CHECK(records.read("{\"" + name + "\":1,\"n\":8}") == "n=8");
  }
}

namespace {

/// The values of the variables `a.b`, `a.b.c` and `x`, in a stream of such records.
struct Paths {
  const std::vector<Variable> variables = {
      {"a.b", VariableType::number}, {"a.b.c", VariableType::string}, {"x", VariableType::number}};
  JsonReader reader{variables, "match"};

  std::string read(std::string record) {
    record += '\n';
    record.append(kReadAhead, '{');
    std::vector<ConditionValue> values(variables.size());
    if (reader.read(record.data(), values) == nullptr) {
      const RecordProblem& problem = reader.problem();
      return std::to_string(problem.at - record.data() + 1) + ": " + problem.message;
    }
    std::string text = reader.has_watched() ? "watched" : "";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::monostate>(values[i])) continue;
      text += (text.empty() ? "" : " ") + variables[i].name + "=" + to_string(values[i]);
    }
    return text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Paths, "a path reaches into objects where no member has the very name") {
  CHECK(read(R"({"a":{"b":1},"x":2})") == "a.b=1 x=2");
  CHECK(read(R"({"a":{"b":2},"x":3})") == "a.b=2 x=3");
  CHECK(read(R"({ "x":3, "a" : { "z":[{}] , "b" : 4 } })") == "a.b=4 x=3");
  CHECK(read(R"({"a.b":7,"a":{"b":1}})") == "a.b=7");
  CHECK(read(R"({"a":{"b":1},"a.b":null})") == "");
  CHECK(read(R"({"a":{"b":1},"a":{"b":2}})") == "a.b=2");
  CHECK(read(R"({"a":{"b":1,"b":3}})") == "a.b=3");
  CHECK(read(R"({"a":{"b":1},"a":5})") == "");
  CHECK(read(R"({"a":{"z":1}})") == "");
  CHECK(read(R"({"a":[{"b":1}]})") == "");
  CHECK(read(R"({"a":{"b.c":"s"}})") == R"(a.b.c="s")");
  CHECK(read(R"({"\u0061":{"\u0062":8}})") == "a.b=8");
  CHECK(read(R"({"a":{"b":"s"}})") == "11: 'a.b' is a number, but its value here is a string");
  CHECK(read(R"({"a":{"b":{"c":"s"}}})") ==
        "11: 'a.b' is a number, but its value here is an object");
  CHECK(
      read(R"({"a":{"b":18446744073709551615}})") ==
      "11: the value of 'a.b' is out of range: an integer beyond 64 bits, which would be rounded");
  CHECK(read(R"({"a":{"b":1e999,"b":2}})") == "a.b=2");
}

TEST_CASE_FIXTURE(Paths, "a record tells whether it has the member that is watched") {
  CHECK(read(R"({"x":1})") == "x=1");
  CHECK(read(R"({"x":1,"match":false})") == "watched x=1");
  CHECK(read(R"({"x":2,"match":true})") == "watched x=2");
  CHECK(read(R"({"x":1})") == "x=1");
  CHECK(read(R"({"a":{"match":1}})") == "");
}

}  // namespace rz::cond
