#include "rz/base/text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/results.h"

namespace rz {
namespace {

using namespace std::string_literals;
using Pieces = std::vector<std::string_view>;

TEST_CASE("only ASCII has classes, in every locale") {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    CAPTURE(i);
    CHECK(is_space(c) == (i == ' ' || (i >= 9 && i <= 13)));
    CHECK(is_digit(c) == (i >= '0' && i <= '9'));
    CHECK(is_alpha(c) == ((i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z')));
    CHECK(to_lower(c) == (i >= 'A' && i <= 'Z' ? static_cast<char>(i + 32) : c));
  }
  CHECK(to_lower("AbC Ä-9") == "abc Ä-9");
  CHECK(equals_ignore_case("Yes", "yES"));
  CHECK_FALSE(equals_ignore_case("yes", "yes "));
  CHECK_FALSE(equals_ignore_case("@", "`"));
}

TEST_CASE("trim takes white space from both ends alone") {
  CHECK(trim(" \t\r\n\v\fa b ") == "a b");
  CHECK(trim(" \n ").empty());
  CHECK(trim("").empty());
  CHECK(trim("\u00a0a") == "\u00a0a");
}

TEST_CASE("n separators give n + 1 pieces") {
  CHECK(split("", ',') == Pieces{""});
  CHECK(split("a", ',') == Pieces{"a"});
  CHECK(split(",a,,b,", ',') == Pieces{"", "a", "", "b", ""});
}

TEST_CASE("law: what is split is joined again") {
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf("ab,,"s));
    std::vector<std::string> pieces;
    for (const auto piece : split(text, ',')) pieces.emplace_back(piece);
    RC_ASSERT(join(pieces, ",") == text);
  }));
}

TEST_CASE("an integer is the whole text or none") {
  CHECK(parse_int("0") == 0);
  CHECK(parse_int("-12") == -12);
  CHECK(parse_int("+12") == 12);
  CHECK(parse_int("007") == 7);
  CHECK(parse_int("9223372036854775807") == INT64_MAX);
  CHECK(parse_int("-9223372036854775808") == INT64_MIN);
  for (const std::string& text :
       {""s, " 1"s, "1 "s, "1x"s, "x"s, "+"s, "-"s, "+-1"s, "-+1"s, "++1"s, "1.0"s, "1e3"s, "0x1"s,
        "9223372036854775808"s, "-9223372036854775809"s, "1\0"s}) {
    CAPTURE(printable(text));
    CHECK_FALSE(parse_int(text).has_value());
  }
}

TEST_CASE("a number is the whole text, finite, and written with a point") {
  CHECK(parse_double("0.5") == 0.5);
  CHECK(parse_double("-1e3") == -1000);
  CHECK(parse_double("+2") == 2);
  CHECK(parse_double(".5") == 0.5);
  CHECK(parse_double("5.") == 5);
  CHECK(std::signbit(parse_double("-0").value()));
  for (const std::string& text :
       {""s, " 1"s, "1 "s, "1,5"s, "1.5.5"s, "nan"s, "inf"s, "+inf"s, "-infinity"s, "1e400"s,
        "-1e400"s, "0x1p3"s, "."s, "e5"s, "+-1"s, "++1"s, "1e"s, "1\0"s}) {
    CAPTURE(printable(text));
    CHECK_FALSE(parse_double(text).has_value());
  }
}

TEST_CASE("a number is written as short as it can be read back") {
  CHECK(format_double(1.0) == "1");
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(-0.0) == "-0");
  CHECK(format_double(1e300) == "1e+300");
  CHECK(format_double(1.0 / 3) == "0.3333333333333333");
  CHECK(format_double(std::numeric_limits<double>::denorm_min()) == "5e-324");
  CHECK(format_double(-std::numeric_limits<double>::max()) == "-1.7976931348623157e+308");
  CHECK(rc::check([](double value) { RC_ASSERT(parse_double(format_double(value)) == value); }));
}

TEST_CASE("the first byte that is not UTF-8 is found") {
  const std::pair<std::string, std::optional<std::size_t>> cases[] = {
      {"", {}},
      {"plain é € 😀 \u0000"s, {}},
      {"\U0010FFFF", {}},
      {"\xed\x9f\xbf\xee\x80\x80", {}},  // The neighbours of the surrogates.
      {"ab\xff", 2},
      {"\x80", 0},                  // A continuation without a start.
      {"a\xc3", 1},                 // Cut off.
      {"a\xe2\x82", 1},             // Cut off.
      {"\xf0\x9f\x98", 0},          // Cut off.
      {"\xc0\xaf", 0},              // Overlong.
      {"\xc1\xbf", 0},              // Overlong.
      {"\xe0\x9f\xbf", 0},          // Overlong.
      {"\xf0\x8f\xbf\xbf", 0},      // Overlong.
      {"\xed\xa0\x80", 0},          // A surrogate.
      {"\xed\xbf\xbf", 0},          // A surrogate.
      {"\xf4\x90\x80\x80", 0},      // Above U+10FFFF.
      {"\xf8\x88\x80\x80\x80", 0},  // Five bytes.
      {"\xc3(", 0}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& offset = each.second;
    CAPTURE(printable(text));
    CHECK(find_invalid_utf8(text) == offset);
  }
}

TEST_CASE("no data can steer a terminal") {
  const std::pair<std::string, const char*> cases[] = {
      {"plain é € 😀 \\ \" '", "plain é € 😀 \\ \" '"},
      {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
      {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
      {"\x1b]0;title\a", "\\x1b]0;title\\x07"},
      {"nul\0!"s, "nul\\x00!"},
      {"del\x7f", "del\\x7f"},
      {"\u009b2J", "\\xc2\\x9b2J"},                 // CSI as one C1 character.
      {"\u202egpj.exe", "\\xe2\\x80\\xaegpj.exe"},  // Reads backwards.
      {"\u2066x\u2069", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9"},
      {"\u200e\u200f\u061c", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xd8\\x9c"},
      {"\ufeffx", "\\xef\\xbb\\xbfx"},  // A byte order mark.
      {"\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"},
      {"\xff\xc3(", "\\xff\\xc3("},
      {"\x9b", "\\x9b"},
      {"\xe2\x82", "\\xe2\\x82"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"}};
  for (const auto& [text, shown] : cases) CHECK(printable(text) == shown);
}

TEST_CASE("law: what is printable is valid UTF-8 without controls, and stays as it is") {
  CHECK(rc::check([](const std::string& bytes) {
    const std::string shown = printable(bytes);
    RC_ASSERT(!find_invalid_utf8(shown));
    for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
    RC_ASSERT(printable(shown) == shown);
  }));
}

TEST_CASE("columns are those of a terminal") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("\xff\xff") == 2);
}

TEST_CASE("a text that is cut ends in an ellipsis and fits") {
  CHECK(ellipsize("abcdef", 6) == "abcdef");
  CHECK(ellipsize("abcdef", 5) == "abcd…");
  CHECK(ellipsize("abcdef", 1) == "…");
  CHECK(ellipsize("abcdef", 0).empty());
  CHECK(ellipsize("", 0).empty());
  CHECK(ellipsize("日本語", 4) == "日…");
  CHECK(ellipsize("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
  CHECK(rc::check([] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::elementOf(std::vector<std::string>{"a", "é", "日", "\u0301", "😀"}));
    const auto columns = *rc::gen::inRange<std::size_t>(0, 20);
    const std::string cut = ellipsize(join(pieces, ""), columns);
    RC_ASSERT(display_width(cut) <= columns);
    RC_ASSERT(!find_invalid_utf8(cut));
  }));
}

TEST_CASE("the nearest word is suggested, if one is near") {
  const std::vector<std::string> words = {"severity", "status", "recurrence_count"};
  CHECK(nearest("severty", words) == "severity");   // One missing.
  CHECK(nearest("sevreity", words) == "severity");  // Two swapped.
  CHECK(nearest("SEVERITY", words) == "severity");  // Case costs nothing.
  CHECK(nearest("statuss", words) == "status");     // One too many.
  CHECK(nearest("recurence_cuont", words) == "recurrence_count");
  CHECK_FALSE(nearest("hostname", words).has_value());
  CHECK_FALSE(nearest("abc", {}).has_value());
  CHECK_FALSE(nearest(std::string(100'000, 's'), words).has_value());
  CHECK(suggestion("severty", words) == "; did you mean 'severity'?");
  CHECK(suggestion("hostname", words).empty());
}

TEST_CASE("sizes are read in bytes, powers of 1000 and of 1024") {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"512", 512},
      {"512B", 512},
      {"10kB", 10'000},
      {"10MB", 10'000'000},
      {"2GB", 2'000'000'000},
      {"1TB", 1'000'000'000'000},
      {"10KiB", 10'240},
      {"10 KiB", 10'240},
      {"10kib", 10'240},
      {"1.5GiB", 1'610'612'736},
      {"1TiB", 1'099'511'627'776},
      {"9007199254740993", 9'007'199'254'740'993},
      {"18446744073709551615", UINT64_MAX}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& bytes = each.second;
    CAPTURE(text);
    CHECK(ok(parse_size(text)) == bytes);
  }
  for (const char* text : {"", "-1", "+1", "KiB", "1X", "1K", "1.2.3", "0x10", "1e3", " 1", "inf",
                           "18446744073709551616", "16777216TiB"}) {
    CAPTURE(text);
    CHECK(message_of(parse_size(text)) ==
          std::string("'") + text +
              "' is not a size; write it like 512, 10KiB, 1.5GiB or "
              "10MB");
    CHECK(code_of(parse_size(text)) == ErrorCode::parse);
  }
}

TEST_CASE("people get sizes with a unit in which they are small") {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0 B"},
                                                         {1'023, "1023 B"},
                                                         {1'024, "1.0 KiB"},
                                                         {1'536, "1.5 KiB"},
                                                         {1'048'575, "1.0 MiB"},
                                                         {10'485'760, "10.0 MiB"},
                                                         {UINT64_MAX, "16.0 EiB"}};
  for (const auto& [bytes, text] : cases) CHECK(humanize_size(bytes) == text);
}

TEST_CASE("a percentage has its sign and lies from 0 to 100") {
  CHECK(ok(parse_percent("80%")) == 80);
  CHECK(ok(parse_percent("80 %")) == 80);
  CHECK(ok(parse_percent("0.5%")) == 0.5);
  CHECK(ok(parse_percent("100%")) == 100);
  for (const char* text : {"", "%", "80", "-1%", "100.1%", "80%%", "nan%", "80% "}) {
    CAPTURE(text);
    CHECK(message_of(parse_percent(text)) ==
          std::string("'") + text + "' is not a percentage from 0% to 100%");
    CHECK(code_of(parse_percent(text)) == ErrorCode::parse);
  }
}

}  // namespace
TEST_CASE("choices are joined as a sentence has them") {
  const auto joined = [](std::vector<std::string> choices) { return join_or(choices); };
  CHECK(joined({}) == "");
  CHECK(joined({"a"}) == "a");
  CHECK(joined({"a", "b"}) == "a or b");
  CHECK(joined({"a", "b", "c"}) == "a, b or c");
  // Two that are alike are two choices.
  CHECK(joined({"a", "a", "a"}) == "a, a or a");
  CHECK(join_or(std::vector<std::string_view>{"a", "b"}) == "a or b");
}

TEST_CASE("hexadecimal digits are read in either case, and nothing else is") {
  CHECK(hex_digit('0') == 0);
  CHECK(hex_digit('f') == 15);
  CHECK(hex_digit('A') == 10);
  CHECK(hex_digit('g') == -1);
  CHECK(hex_digit('\xC3') == -1);
  CHECK(parse_hex("55F0") == 0x55f0);
  CHECK(parse_hex("ffffffffffffffff") == UINT64_MAX);
  CHECK(parse_hex("00000000000000000001") == 1);
  for (const char* wrong : {"", "-1", "+1", "0x1", " 1", "1 ", "10000000000000000", "g"}) {
    CHECK_MESSAGE(!parse_hex(wrong), wrong);
  }
}

}  // namespace rz
