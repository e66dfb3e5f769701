#include "rz/cond/diagnostic.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "random_condition.h"
#include "rz/base/text.h"

namespace rz::cond {
namespace {

std::string refused(std::string_view text) {
  const auto condition = parse_condition(text, testing::wide_options());
  REQUIRE(!condition.has_value());
  CHECK(condition.error().code == ErrorCode::parse);
  return to_string(condition.error());
}

std::string at(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  return to_string(to_error(text, {{begin, end}, "here"}, ErrorCode::parse));
}

// Of a character between U+0080 and U+FFFF.
std::string utf8(char32_t c) {
  const auto tail = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x800) return {static_cast<char>(0xC0 | (c >> 6)), tail(c)};
  return {static_cast<char>(0xE0 | (c >> 12)), tail(c >> 6), tail(c)};
}

}  // namespace

TEST_CASE("the exact text of common slips") {
  struct Case {
    std::string text;
    std::string message;
  };
  static const Case kCases[] = {
      {"severty >= 0.8",
       "condition:1:1: unknown variable 'severty'; did you mean 'severity'?\n"
       "  severty >= 0.8\n"
       "  ^~~~~~~"},
      {"severity = 1",
       "condition:1:10: unexpected '='; write '==' to compare; values cannot be assigned\n"
       "  severity = 1\n"
       "           ^"},
      {"severity > 1 && flag",
       "condition:1:14: unexpected '&&'; write 'and' instead of '&&'\n"
       "  severity > 1 && flag\n"
       "               ^~"},
      {"severity > 1 AND flag",
       "condition:1:14: unexpected 'AND' after the end of the condition; write 'and' in lower "
       "case\n"
       "  severity > 1 AND flag\n"
       "               ^~~"},
      {"0 < severity < 1",
       "condition:1:14: comparisons do not chain; write 'a < b and b < c'\n"
       "  0 < severity < 1\n"
       "               ^"},
      {"max(severity) > 1",
       "condition:1:1: functions cannot be called\n"
       "  max(severity) > 1\n"
       "  ^~~~"},
      {"severity.real > 1",
       "condition:1:9: unexpected '.'; write the path of a "
       "member in backquotes, as in `a.b`\n"
       "  severity.real > 1\n"
       "          ^"},
      {"name == 'high",
       "condition:1:9: the string is not closed; a ' is missing\n"
       "  name == 'high\n"
       "          ^~~~~"},
      {"(severity > 1",
       "condition:1:1: this '(' is not closed\n"
       "  (severity > 1\n"
       "  ^"},
      {"severity >= ",
       "condition:1:12: expected a value, got the end\n"
       "  severity >= \n"
       "             ^"},
      {"", "condition:1:1: the condition is empty"},
      {" \n", "condition:1:1: the condition is empty"},
      {"severity >= 'high'",
       "condition:1:1: '>=' cannot order a number and a string\n"
       "  severity >= 'high'\n"
       "  ^~~~~~~~~~~~~~~~~~"},
      {"severity",
       "condition:1:1: a condition must be true or false, but this is a number; compare it: "
       "'severity > 0'\n"
       "  severity\n"
       "  ^~~~~~~~"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(refused(c.text) == c.message);
  }
}

TEST_CASE("of several lines the one is shown that is wrong") {
  CHECK(refused("severity > 1\n  and severty > 2\nor flag") ==
        "condition:2:7: unknown variable 'severty'; did you mean 'severity'?\n"
        "    and severty > 2\n"
        "        ^~~~~~~");
  CHECK(refused("severity > 1 and\n\n") ==
        "condition:1:17: expected a value, got the end\n"
        "  severity > 1 and\n"
        "                  ^");
  CHECK(refused("name == 'a\nb") ==
        "condition:1:9: the string is not closed; a ' is missing\n"
        "  name == 'a\n"
        "          ^~");
}

TEST_CASE("the caret keeps its place behind tabs, wide characters and escaped bytes") {
  CHECK(at("\tä\t漢 x", 8, 9) == "condition:1:6: here\n   ä 漢 x\n        ^");
  CHECK(at("漢漢", 0, 6) == "condition:1:1: here\n  漢漢\n  ^~~~");
  CHECK(at("\x1b[2J x", 5, 6) == "condition:1:6: here\n  \\x1b[2J x\n          ^");
  CHECK(at("\xff x", 0, 1) == "condition:1:1: here\n  \\xff x\n  ^~~~");
  CHECK(at("a\r\nb", 0, 1) == "condition:1:1: here\n  a\\r\n  ^");
  CHECK(at("a", 7, 9) == "condition:1:2: here\n  a\n   ^");
}

TEST_CASE("a long line is cut around the place") {
  const std::string x(100, 'x');
  const std::string dots = "…";
  CHECK(at(x, 2, 4) == "condition:1:3: here\n  " + std::string(75, 'x') + dots + "\n    ^~");
  CHECK(at(x + "b", 100, 101) == "condition:1:101: here\n  " + dots + std::string(29, 'x') + "b\n" +
                                     std::string(32, ' ') + "^");
  CHECK(at(x + x, 60, 180) == "condition:1:61: here\n  " + dots + std::string(74, 'x') + dots +
                                  "\n" + std::string(32, ' ') + "^" + std::string(45, '~'));
  std::string wide;
  for (int i = 0; i < 60; ++i) wide += "漢";
  std::string kept;
  for (int i = 0; i < 14; ++i) kept += "漢";
  CHECK(at(wide + "b", 180, 181) ==
        "condition:1:61: here\n  " + dots + kept + "b\n" + std::string(31, ' ') + "^");
}

TEST_CASE("no message lets a character through that must not reach a terminal") {
  for (char32_t c = 0x80; c <= 0xFFFF; ++c) {
    if (!is_unprintable(c)) continue;
    const std::string bytes = utf8(c);
    for (const std::string& text : {bytes, "a" + bytes, "'" + bytes, "`" + bytes + "` > 1",
                                    "severity > 0.5 " + bytes, bytes + "a == 1"}) {
      for (const Error& error : check_condition(text, testing::wide_options())) {
        for (std::string_view line : split(error.message, '\n')) CHECK(printable(line) == line);
      }
    }
  }
}

TEST_CASE("whatever the text, a message is printable, of three lines that fit a terminal") {
  CHECK(rc::check([] {
    const std::string text = testing::random_junk();
    RC_LOG() << printable(text) << "\n";
    const auto errors = check_condition(text, testing::wide_options());
    const auto condition = parse_condition(text, testing::wide_options());
    RC_ASSERT(condition.has_value() == errors.empty());
    if (!errors.empty()) RC_ASSERT(condition.error() == errors.front());
    for (const Error& error : errors) {
      const auto lines = split(error.message, '\n');
      RC_ASSERT(lines.size() == 1 || lines.size() == 3);
      for (std::string_view line : lines) RC_ASSERT(printable(line) == line);
      if (lines.size() == 1) continue;
      RC_ASSERT(display_width(lines[1]) <= 78);
      RC_ASSERT(display_width(lines[2]) <= display_width(lines[1]) + 1);
    }
  }));
}

}  // namespace rz::cond
