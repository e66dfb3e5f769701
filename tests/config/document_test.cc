#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/config.h"
#include "rz/config/yaml.h"

namespace rz::config {
namespace {

std::string as_json(std::string_view text) {
  const auto value = parse_document(text, "doc");
  return value ? to_json(*value) : to_string(value.error());
}

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("YAML documents become values") {
  CHECK(as_json("") == "null");
  CHECK(as_json("# nothing\n") == "null");
  CHECK(as_json("---\n") == "null");
  CHECK(as_json("--- text\n...\n") == R"("text")");
  CHECK(as_json("a: 1\nb: [x, 'true', \"2\", ~, yes]\nc:\nd: {e: 0.5}\n") ==
        R"({"a":1,"b":["x","true","2",null,"yes"],"c":null,"d":{"e":0.5}})");
  CHECK(as_json("a: !!str 1\nb: !!float 2\nc: ! 3\nd: !!int \"4\"\n") ==
        R"({"a":"1","b":2.0,"c":"3","d":4})");
  CHECK(as_json("text: |\n  one\n  two\nfold: >-\n  one\n  two\n") ==
        R"({"text":"one\ntwo\n","fold":"one two"})");
  CHECK(as_json("\xEF\xBB\xBF"
                "a: 1\r\nb: \"x\"\r\n") == R"({"a":1,"b":"x"})");
  CHECK(as_json("1: a\ntrue: b\n") == R"({"1":"a","true":"b"})");
  CHECK(as_json("{severity: 0.9, tags: [a, b]}") == R"({"severity":0.9,"tags":["a","b"]})");
  CHECK(as_json("a: &here 1\n") == R"({"a":1})");
}

TEST_CASE("JSON documents are read as JSON") {
  CHECK(as_json(R"({"a": "\ud83d\ude00", "b": [1, 2.0, null]})") ==
        R"({"a":"😀","b":[1,2.0,null]})");
  CHECK(as_json(" \n[1, 2]\n") == "[1,2]");
  CHECK(as_json("\xEF\xBB\xBF{\"a\":1}") == R"({"a":1})");
  const std::string large = "[\"" + std::string(2 * kMaxYamlBytes, 'x') + "\"]";
  CHECK(parse_document(large, "doc").has_value());
}

TEST_CASE("what is wrong with a document is told with its place") {
  struct Row {
    std::string text, error;
  };
  const Row rows[] = {
      {"a: 1\nb: [1, 2\nc: 3\n", "doc:3:2: expected ',' or ']'; the list of line 2 is not closed"},
      {"{a: 1", "doc:1:6: expected ',' or '}'; the mapping of line 1 is not closed"},
      {"a: b: c\n",
       "doc:1:5: a ':' where no value can stand; indent alike what belongs together, and quote a "
       "text that holds ': '"},
      {"a:\n\tb: 1\n", "doc:2:3: a tab in the indentation; YAML wants spaces"},
      {"a: \"x\n", "doc:1:4: this quote is never closed"},
      {"a: 'it''s\n", "doc:1:4: this quote is never closed"},
      {"a: !!str \"x\\\"\n", "doc:1:4: this quote is never closed"},
      {"a: 1\nb: 2\na: 3\n", "doc:3:1: the key 'a' is given twice; keep one"},
      {"a: {x: 1, \"x\": 2}\n", "doc:1:11: the key 'x' is given twice; keep one"},
      {"a: &x 1\nb: *x\n", "doc:2:4: aliases are not read here; write the value out"},
      {"a: *x\n", "doc:1:4: aliases are not read here; write the value out"},
      {"a: !env X\n", "doc:1:4: the tag '!env' does not fit here; remove it"},
      {"a: !!int x\n", "doc:1:4: the tag 'tag:yaml.org,2002:int' does not fit here; remove it"},
      {"a: !!seq {}\n", "doc:1:4: the tag 'tag:yaml.org,2002:seq' does not fit here; remove it"},
      {"? [a]\n: 1\n", "doc:1:3: a key must be a text"},
      {"~: 1\n", "doc:1:1: a key must be a text"},
      {"a: 1\n---\nb: 2\n", "doc:2:1: a second document begins here; one is read"},
      {"\"a\" \"b\"", "doc:1:5: more text after the end of the document"},
      {"é: \xFF\n", "doc:1:4: the byte \\xff is not UTF-8; save the text as UTF-8"},
      {std::string("a: x\0y\n", 7),
       "doc:1:5: the control character \\x00 is not allowed; in a text "
       "in double quotes it is written so"},
      {"a: \x1b[0m\n",
       "doc:1:4: the control character \\x1b is not allowed; in a text in double "
       "quotes it is written so"},
      {"a: 1\rb: 2\n", "doc:1:5: a carriage return without a line feed; end lines with \\n"},
      {std::string("\xFF\xFE"
                   "a\0",
                   4),
       "doc:1:1: the text is UTF-16; save it as UTF-8"},
      {"a: @b\n",
       "doc:1:4: no value can begin like this; put a text that begins with @, `, % or "
       "the like in quotes"},
      {"ä: ö: 1\n",
       "doc:1:5: a ':' where no value can stand; indent alike what belongs together, and quote a "
       "text that holds ': '"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(as_json(row.text) == row.error);
  }
}

TEST_CASE("depth and size are bounded") {
  CHECK(as_json(repeat("[", 200) + repeat("]", 200)).starts_with("[[["));
  CHECK(as_json(repeat("[", 201) + repeat("]", 201)) == "doc:1:201: more than 200 levels deep");
  CHECK(as_json("a: " + repeat("[", 200) + repeat("]", 200)) ==
        "doc:1:203: more than 200 levels deep");
  CHECK(as_json(repeat("{a: ", 201) + repeat("}", 201)) == "doc:1:801: more than 200 levels deep");
  CHECK(as_json(repeat("- ", 500'000)) == "doc:1:401: more than 200 levels deep");
  CHECK(as_json(std::string(100'000'000, 'a')) ==
        "doc:1:1: 95.4 MiB of YAML; at most 1.0 MiB are read");
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [" +
            repeat(std::string("*") + char(c - 1) + ", ", 9) + "]\n";
  }
  CHECK(as_json(bomb) == "doc:2:8: aliases are not read here; write the value out");
}

TEST_CASE("any bytes give a value or an error with a place") {
  CHECK(rc::check("random bytes", [](const std::string& text) {
    const auto value = parse_document(text, "doc");
    if (!value) RC_ASSERT(value.error().where.starts_with("doc"));
  }));
  CHECK(rc::check("random YAML", [] {
    static const std::vector<std::string> kPieces = {
        "a",     "b: ", "- ", "[",   "]",   "{",  "}",      ", ",  ": ", "\n",
        "\n  ",  "\"",  "'",  "|\n", "&a ", "*a", "!!str ", "? ",  "#",  "---\n",
        "...\n", "%",   "\t", "0x1", "\\",  "ä",  "~",      ">-\n"};
    const auto text =
        *rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string joined;
                        for (const auto& piece : pieces) joined += piece;
                        return joined;
                      });
    (void)parse_document(text, "doc").has_value();
  }));
  CHECK(rc::check(
      "JSON that was written is read back", [](const std::string& key, std::int64_t number) {
        if (find_invalid_utf8(key)) return;  // JSON cannot hold it.
        const Value value = Value::object({{key, number}, {key + "x", Value::array({key, true})}});
        RC_ASSERT(parse_document(to_json(value), "doc") == value);
      }));
}

}  // namespace rz::config
