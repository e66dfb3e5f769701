#include "rz/base/json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "support/results.h"

namespace rz {

/// Lets a law that fails show its counterexample.
std::ostream& operator<<(std::ostream& out, const Value& value) { return out << to_json(value); }

namespace {

using namespace std::string_literals;

Value parsed(std::string_view text) { return ok(parse_json(text)); }

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST_CASE("every kind of value is read") {
  CHECK(parsed("null").is_null());
  CHECK(parsed("true") == Value(true));
  CHECK(parsed(" \t\r\n false ") == Value(false));
  CHECK(parsed("-12") == Value(-12));
  CHECK(parsed("1.0") == Value(1.0));
  CHECK(parsed("1e2") == Value(100.0));
  CHECK(parsed("\"\"") == Value(""));
  CHECK(parsed("[]") == Value::array());
  CHECK(parsed("{}") == Value::object());
  CHECK(parsed(R"({"b":[1,{"c":null}],"a":"x"})") ==
        Value::object({{"b", Value::array({1, Value::object({{"c", nullptr}})})}, {"a", "x"}}));
}

TEST_CASE("integers stay exact as long as int64 holds them") {
  CHECK(parsed("9223372036854775807") == Value(std::int64_t{INT64_MAX}));
  CHECK(parsed("-9223372036854775808") == Value(std::int64_t{INT64_MIN}));
  CHECK(parsed("9007199254740993") == Value(std::int64_t{9'007'199'254'740'993}));
  CHECK(parsed("9223372036854775808") == Value(9223372036854775808.0));
  CHECK(parsed("-9223372036854775809") == Value(-9223372036854775808.0));
  CHECK(parsed("18446744073709551615") == Value(18446744073709551616.0));
  CHECK(parsed("123456789012345678901234567890") == Value(123456789012345678901234567890.0));
}

TEST_CASE("a number beyond double is an error, never an infinity") {
  CHECK(message_of(parse_json("[1, 1e400]", "in")) ==
        "in:1:9: invalid JSON: number overflow parsing '1e400'");
  CHECK(code_of(parse_json("-1e400")) == ErrorCode::parse);
  CHECK(parsed("1e-400") == Value(0.0));
}

TEST_CASE("escapes are read, of the astral planes too") {
  CHECK(parsed(R"("\"\\\/\b\f\n\r\t")") == Value("\"\\/\b\f\n\r\t"));
  CHECK(parsed(R"("\u0000\u001b\u00e9\u20ac\ud83d\ude00")") == Value("\0\x1b\u00e9\u20ac😀"s));
}

TEST_CASE("the last of equal keys wins") {
  const Value value = parsed(R"({"a":1,"b":2,"a":3})");
  CHECK(*value.find("a")->as_int() == 3);
  CHECK(to_json(value) == R"({"a":3,"b":2})");
}

TEST_CASE("what is not JSON is an error at its place") {
  const std::pair<std::string, const char*> cases[] = {{"", "in:1:1: "},
                                                       {" ", "in:1:2: "},
                                                       {"{", "in:1:2: "},
                                                       {"[1,]", "in:1:4: "},
                                                       {"{\"a\":1,}", "in:1:8: "},
                                                       {"{'a':1}", "in:1:2: "},
                                                       {"[\n  1,\n  x]", "in:3:3: "},
                                                       {"nul", "in:1:4: "},
                                                       {"True", "in:1:1: "},
                                                       {"NaN", "in:1:1: "},
                                                       {"Infinity", "in:1:1: "},
                                                       {"01", "in:1:2: "},
                                                       {"+1", "in:1:1: "},
                                                       {"1.", "in:1:3: "},
                                                       {".5", "in:1:1: "},
                                                       {"0x10", "in:1:2: "},
                                                       {"1 2", "in:1:3: "},
                                                       {"{}}", "in:1:3: "},
                                                       {"[1] // c", "in:1:5: "},
                                                       {"\"a", "in:1:3: "},
                                                       {"\"\n\"", "in:1:2: "},
                                                       {R"("\x41")", "in:1:3: "},
                                                       {R"("\ud83d")", "in:1:8: "},
                                                       {"\"a\0b\""s, "in:1:3: "},
                                                       {"1\0"s, "in:1:2: "},
                                                       {"[1]\n\0[2"s, "in:2:1: "},
                                                       {"[1\0]"s, "in:1:3: "}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& place = each.second;
    CAPTURE(printable(text));
    const std::string message = message_of(parse_json(text, "in"));
    CHECK(message.starts_with(std::string(place) + "invalid JSON: "));
    CHECK(code_of(parse_json(text, "in")) == ErrorCode::parse);
  }
}

TEST_CASE("bytes that are not UTF-8 are refused, and shown escaped") {
  for (const std::string& bytes : {"\xff"s, "\xc3"s, "\xc0\xaf"s, "\xed\xa0\x80"s,
                                   "\xf4\x90\x80\x80"s, "\x80"s, "\xe2\x82"s}) {
    CAPTURE(printable(bytes));
    for (const std::string& text : {"\"a" + bytes + "\"", "{\"" + bytes + "\":1}", bytes}) {
      const std::string message = message_of(parse_json(text));
      CHECK(message.find("invalid JSON: ") != std::string::npos);
      CHECK(printable(message) == message);
    }
  }
}

TEST_CASE("two hundred levels are read, one more is refused") {
  CHECK(parse_json(nested(200)).has_value());
  CHECK(message_of(parse_json(nested(201), "in")) == "in: nested deeper than 200 levels");
  CHECK(message_of(parse_json(std::string(10'000'000, '['), "in")) ==
        "in: nested deeper than 200 levels");
  CHECK(to_json(parsed(nested(200))) == nested(200));
}

TEST_CASE("a document is written on one line, or indented") {
  const Value value = Value::object({{"b", Value::array({1, 2.5, "x"})},
                                     {"a", Value::object({{"n", nullptr}, {"t", true}})},
                                     {"e", Value::array()}});
  CHECK(to_json(value) == R"({"b":[1,2.5,"x"],"a":{"n":null,"t":true},"e":[]})");
  CHECK(to_json(Value::object({{"a", Value::array({1})}}), 2) == "{\n  \"a\": [\n    1\n  ]\n}");
}

TEST_CASE("numbers are written so that their type is read back") {
  CHECK(to_json(1) == "1");
  CHECK(to_json(1.0) == "1.0");
  CHECK(to_json(-0.0) == "-0.0");
  CHECK(to_json(0.1) == "0.1");
  CHECK(to_json(1e300) == "1e+300");
  CHECK(to_json(std::int64_t{INT64_MIN}) == "-9223372036854775808");
}

TEST_CASE("what JSON cannot hold becomes null or U+FFFD") {
  CHECK(to_json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(to_json(Value::array({HUGE_VAL, -HUGE_VAL})) == "[null,null]");
  CHECK(to_json("a\xff z") == "\"a\uFFFD z\"");
  CHECK(to_json(Value::object({{"\xc3", "\xed\xa0\x80"}})).find("\uFFFD") != std::string::npos);
}

TEST_CASE("no control character stands unescaped, and none is lost") {
  CHECK(to_json("\x1b[31m\b\f\n\r\t") == R"("\u001b[31m\b\f\n\r\t")");
  CHECK(to_json("a\x7f\u0080\u009b2J\u009f\u00a0z") ==
        "\"a\\u007f\\u0080\\u009b2J\\u009f\u00a0z\"");
  CHECK(to_json("\u200e\u200f\u2028\u202a\u202e\u2066\u2069\ufeff\u061c\u200d") ==
        "\"\\u200e\\u200f\\u2028\\u202a\\u202e\\u2066\\u2069\\ufeff\\u061c\u200d\"");
  CHECK(to_json(Value::object({{"\u0085", 1}})) == R"({"\u0085":1})");
  for (char32_t c = 0; c < 0xA0; ++c) {
    const std::string text =
        c < 0x80 ? std::string(1, static_cast<char>(c)) : std::string{'\xC2', static_cast<char>(c)};
    const std::string json = to_json(text);
    CHECK(printable(json) == json);
    CHECK(parsed(json) == Value(text));
  }
}

rc::Gen<std::string> text_gen() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "\"", "\\", "/", "\n", "\0"s, "\x1b", "\x7f", "\u0085", "é", "€", "😀", "\\u", "Â"})),
      [](const std::vector<std::string>& pieces) { return join(pieces, ""); });
}

rc::Gen<Value> scalar_gen() {
  return rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool v) { return Value(v); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t v) { return Value(v); }),
      // Any bits: subnormals, and the largest; what is not finite does not survive, as it must not.
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                   [](std::uint64_t bits) {
                     const auto v = std::bit_cast<double>(bits * 0x9E3779B97F4A7C15);
                     return Value(std::isfinite(v) ? v : 0.5);
                   }),
      rc::gen::map(text_gen(), [](std::string v) { return Value(std::move(v)); }));
}

rc::Gen<Value> value_gen(int depth) {
  if (depth == 0) return scalar_gen();
  // A level has a third of the members of that above it: else a single value has a million.
  const auto inner = [depth] {
    return rc::gen::scale(0.33, rc::gen::lazy([depth] { return value_gen(depth - 1); }));
  };
  return rc::gen::oneOf(
      scalar_gen(),
      rc::gen::map(rc::gen::container<Value::Array>(inner()),
                   [](Value::Array items) { return Value(std::move(items)); }),
      rc::gen::map(rc::gen::container<Value::Object>(rc::gen::pair(text_gen(), inner())),
                   [](Value::Object members) {
                     Value value = Value::object();
                     for (auto& [key, member] : members) value.set(key, std::move(member));
                     return value;
                   }));
}

TEST_CASE("law: a value that is written is read back, whatever the indentation") {
  CHECK(rc::check([] {
    const Value value = *value_gen(3);
    for (const int indent : {0, 2}) {
      const auto read = parse_json(to_json(value, indent));
      RC_ASSERT(read.has_value());
      RC_ASSERT(*read == value);
    }
  }));
}

TEST_CASE("law: any bytes are read or refused, and a refusal can be shown to a person") {
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::arbitrary<char>(), rc::gen::elementOf("[]{}\",:0123456789eE+-.\\u \n"s)));
    const auto read = parse_json(text);
    if (read) {
      RC_ASSERT(parse_json(to_json(*read)).has_value());
    } else {
      RC_ASSERT(read.error().code == ErrorCode::parse);
      RC_ASSERT(printable(read.error().message) == read.error().message);
    }
  }));
}

TEST_CASE("law: any value is written as valid UTF-8 and valid JSON, whatever bytes it holds") {
  CHECK(rc::check([](const std::string& bytes) {
    const std::string json = to_json(Value::object({{bytes, bytes}}));
    RC_ASSERT(!find_invalid_utf8(json));
    RC_ASSERT(parse_json(json).has_value());
  }));
}

}  // namespace
}  // namespace rz
