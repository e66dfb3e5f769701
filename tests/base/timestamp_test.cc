#include "rz/base/timestamp.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "support/results.h"

namespace rz {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::int64_t micros) { return TimePoint{Micros{micros}}; }

TEST_CASE("a time is written in UTC with six decimals") {
  const std::pair<std::int64_t, const char*> cases[] = {
      {0, "1970-01-01T00:00:00.000000Z"},
      {1'767'323'045'000'006, "2026-01-02T03:04:05.000006Z"},
      {-1, "1969-12-31T23:59:59.999999Z"},
      {1'709'164'800'000'000, "2024-02-29T00:00:00.000000Z"},
      {-62'167'219'200'000'000, "0000-01-01T00:00:00.000000Z"},
      {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"}};
  for (const auto& [micros, text] : cases) {
    CHECK(format_timestamp(at(micros)) == text);
    CHECK(ok(parse_timestamp(text)) == at(micros));
  }
}

TEST_CASE("for a person a time is written without the part of a second") {
  CHECK(format_timestamp_seconds(TimePoint{Micros{1'999'999}}) == "1970-01-01T00:00:01Z");
}

TEST_CASE("a time that four digits of a year cannot hold is held at the nearest") {
  CHECK(format_timestamp(at(253'402'300'800'000'000)) == "9999-12-31T23:59:59.999999Z");
  CHECK(format_timestamp(TimePoint::max()) == "9999-12-31T23:59:59.999999Z");
  CHECK(format_timestamp(at(-62'167'219'200'000'001)) == "0000-01-01T00:00:00.000000Z");
  CHECK(format_timestamp(TimePoint::min()) == "0000-01-01T00:00:00.000000Z");
}

TEST_CASE("RFC 3339 and Python's isoformat() are read, whatever their offset") {
  constexpr const char* kTime = "2026-01-02T03:04:05.000000Z";
  for (const char* text :
       {"2026-01-02T03:04:05Z", "2026-01-02t03:04:05z", "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05", "2026-01-02 03:04:05", "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05-00:00", "2026-01-02T05:04:05+02:00", "2026-01-02T05:04:05+0200",
        "2026-01-01T22:04:05-05:00", "2026-01-02T08:49:05+05:45", "2026-01-02T17:04:05+14:00",
        "2026-01-03T03:03:05+23:59", "2026-01-01T03:05:05-23:59", "2026-01-02T03:04:05.0Z",
        "2026-01-02T03:04:05,000000Z"}) {
    CAPTURE(text);
    CHECK(format_timestamp(ok(parse_timestamp(text))) == kTime);
  }
  CHECK(format_timestamp(ok(parse_timestamp("2026-01-02"))) == "2026-01-02T00:00:00.000000Z");
  CHECK(format_timestamp(ok(parse_timestamp("2026-01-02T03:04Z"))) ==
        "2026-01-02T03:04:00.000000Z");
}

TEST_CASE("an offset moves the date, the month and the year") {
  CHECK(format_timestamp(ok(parse_timestamp("2024-12-31T23:30:00-01:00"))) ==
        "2025-01-01T00:30:00.000000Z");
  CHECK(format_timestamp(ok(parse_timestamp("2024-03-01T00:30:00+01:00"))) ==
        "2024-02-29T23:30:00.000000Z");
  CHECK(format_timestamp(ok(parse_timestamp("1970-01-01T00:00:00+01:00"))) ==
        "1969-12-31T23:00:00.000000Z");
}

TEST_CASE("a fraction counts from its first digit; what follows the microsecond is cut off") {
  const std::pair<const char*, std::int64_t> cases[] = {
      {".1", 100'000},       {".12", 120'000},       {".123", 123'000},
      {".1234", 123'400},    {".12345", 123'450},    {".123456", 123'456},
      {".1234567", 123'456}, {".12345678", 123'456}, {".123456789", 123'456},
      {".000001", 1},        {".0000009", 0},        {".999999999", 999'999}};
  for (const auto& each : cases) {
    const auto& fraction = each.first;
    const auto& micros = each.second;
    CAPTURE(fraction);
    const std::string text = std::string("1970-01-01T00:00:01") + fraction;
    CHECK(ok(parse_timestamp(text + "Z")) == at(1'000'000 + micros));
    CHECK(ok(parse_timestamp(text)) == at(1'000'000 + micros));
    CHECK(ok(parse_timestamp(text + "+00:00")) == at(1'000'000 + micros));
  }
}

TEST_CASE("before 1970 a fraction still counts forward") {
  CHECK(ok(parse_timestamp("1969-12-31T23:59:58.25Z")) == at(-1'750'000));
}

TEST_CASE("leap years are those of the Gregorian calendar") {
  for (const char* day : {"2024-02-29", "2000-02-29", "0000-02-29", "2400-02-29"}) {
    CAPTURE(day);
    CHECK(parse_timestamp(day).has_value());
  }
  for (const char* day : {"2023-02-29", "1900-02-29", "2100-02-29"}) {
    CAPTURE(day);
    CHECK(code_of(parse_timestamp(day)) == ErrorCode::parse);
  }
}

TEST_CASE("a leap second is the second after it") {
  CHECK(ok(parse_timestamp("2016-12-31T23:59:60Z")) == ok(parse_timestamp("2017-01-01T00:00:00Z")));
}

TEST_CASE("what is no time is refused, not guessed") {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-01",
                           "2026-1-2",
                           "26-01-02",
                           "2026-01-02T",
                           "2026-01-02Z",
                           "2026-01-02T03",
                           "2026-01-02T03Z",
                           "2026-01-02T03:04:",
                           "2026-01-02T03:04:05.",
                           "2026-01-02T03:04:05.Z",
                           "2026-01-02T3:04:05Z",
                           "2026-01-02T03:04:05 Z",
                           "2026-01-02T03:04:05ZZ",
                           "2026-01-02T03:04:05Z ",
                           " 2026-01-02T03:04:05Z",
                           "2026-00-02T03:04:05Z",
                           "2026-13-02T03:04:05Z",
                           "2026-01-00T03:04:05Z",
                           "2026-01-32T03:04:05Z",
                           "2026-04-31T03:04:05Z",
                           "2026-01-02T24:00:00Z",
                           "2026-01-02T03:60:05Z",
                           "2026-01-02T03:04:61Z",
                           "2026-01-02T03:04:05+24:00",
                           "2026-01-02T03:04:05+02:60",
                           "2026-01-02T03:04:05+2",
                           "2026-01-02T03:04:05+",
                           "2026-01-02T03:04:05CET",
                           "-2026-01-02",
                           "+2026-01-02",
                           "20260102T030405Z",
                           "12026-01-02T03:04:05Z",
                           "2026/01/02",
                           "2026-01-02_03:04:05Z"}) {
    CAPTURE(text);
    CHECK(message_of(parse_timestamp(text)) ==
          std::string("'") + text + "' is not a time; write it like 2026-01-02T03:04:05Z");
    CHECK(code_of(parse_timestamp(text)) == ErrorCode::parse);
  }
}

TEST_CASE("a message shows no control character of the text, nor stops at a NUL") {
  using namespace std::string_literals;
  CHECK(message_of(parse_timestamp("\x1b[2J\0x"s)).starts_with("'\\x1b[2J\\x00x' is not a time"));
  CHECK_FALSE(parse_timestamp("2026-01-02\0"s).has_value());
}

TEST_CASE("law: a time that is written is read back") {
  CHECK(rc::check([] {
    const auto time =
        at(*rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'800'000'000));
    const auto read = parse_timestamp(format_timestamp(time));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == time);
  }));
}

TEST_CASE("law: texts order like the times they tell") {
  CHECK(rc::check([] {
    const auto gen =
        rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'800'000'000);
    const auto a = at(*gen);
    const auto b = at(*gen);
    RC_ASSERT((format_timestamp(a) < format_timestamp(b)) == (a < b));
  }));
}

TEST_CASE("unix seconds are written with six decimals and never rounded") {
  const std::pair<std::int64_t, const char*> cases[] = {
      {0, "0.000000"},
      {1'700'000'000'000'006, "1700000000.000006"},
      {1'700'000'000'999'999, "1700000000.999999"},
      {-1, "-0.000001"},
      {-1'500'000, "-1.500000"}};
  for (const auto& [micros, text] : cases) {
    CHECK(format_unix_seconds(at(micros)) == text);
    CHECK(ok(parse_unix_seconds(text)) == at(micros));
  }
  CHECK(format_unix_seconds(TimePoint::min()) == "-9223372036854.775808");
  CHECK(format_unix_seconds(TimePoint::max()) == "9223372036854.775807");
}

TEST_CASE("unix seconds are read with any number of decimals") {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1700000000", 1'700'000'000'000'000},
      {"1700000000.5", 1'700'000'000'500'000},
      {"1700000000.1234567890123", 1'700'000'000'123'456},
      {"0", 0},
      {"-0.25", -250'000},
      {"007", 7'000'000}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& micros = each.second;
    CAPTURE(text);
    CHECK(ok(parse_unix_seconds(text)) == at(micros));
  }
}

TEST_CASE("what is not a number of seconds is refused") {
  for (const char* text :
       {"", "-", ".", ".5", "5.", "1.5.5", "1e9", "1.5e9", "+5", "--5", "-+5", " 5", "5 ", "0x10",
        "nan", "inf", "1.-5", "9223372036855", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK(message_of(parse_unix_seconds(text)) ==
          std::string("'") + text + "' is not a number of seconds since 1970");
    CHECK(code_of(parse_unix_seconds(text)) == ErrorCode::parse);
  }
}

TEST_CASE("law: unix seconds that are written are read back") {
  CHECK(rc::check([] {
    constexpr std::int64_t kSpan = 9'000'000'000'000'000'000;
    const auto time = at(*rc::gen::inRange<std::int64_t>(-kSpan, kSpan));
    const auto read = parse_unix_seconds(format_unix_seconds(time));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == time);
  }));
}

}  // namespace
}  // namespace rz
