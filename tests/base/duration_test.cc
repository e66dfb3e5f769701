#include "rz/base/duration.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "support/results.h"

namespace rz {
namespace {

using namespace std::chrono_literals;

constexpr const char* kWayOut = "; write it like 500ms, 5s, 30m, 24h or 7d";

TEST_CASE("durations are read in every unit, with decimals and as sums") {
  const std::pair<const char*, Micros> cases[] = {
      {"0", 0us},
      {"0s", 0us},
      {"1us", 1us},
      {"500us", 500us},
      {"500ms", 500ms},
      {"5s", 5s},
      {"30m", 30min},
      {"24h", 24h},
      {"7d", 7 * 24h},
      {"2w", 14 * 24h},
      {"1.5s", 1'500ms},
      {".5s", 500ms},
      {"1.s", 1s},
      {"0.001ms", 1us},
      {"1h30m", 90min},
      {"1w2d3h4m5s6ms7us", 9 * 24h + 3h + 4min + 5s + 6ms + 7us},
      {"1.5h30m", 2h},
      {"007s", 7s},
      {"36500d", kLongestDuration}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& duration = each.second;
    CAPTURE(text);
    CHECK(ok(parse_duration(text)) == duration);
  }
}

TEST_CASE("whoever has no use for a bound gets every microsecond") {
  const auto read = [](const char* text) { return ok(parse_duration(text, Micros::max())); };
  CHECK(read("9007199254740993us") == Micros{9'007'199'254'740'993});
  CHECK(read("9223372036854775807us") == Micros::max());
  CHECK(code_of(parse_duration("9223372036854775808us", Micros::max())) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("law: a duration that is read never overflows, whatever it is added to") {
  CHECK(rc::check([] {
    const auto bits = *rc::gen::inRange(0, 63);
    const auto count = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits);
    const char* const units[] = {"us", "ms", "s", "m", "h", "d", "w"};
    const auto read = parse_duration(std::to_string(count) + units[*rc::gen::inRange(0, 7)]);
    if (!read) return;
    // Any time from 1970 to 9999, which is as far as a timestamp goes.
    const auto now = *rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999'999);
    std::int64_t sum = 0;
    RC_ASSERT_FALSE(__builtin_add_overflow(now, read->count(), &sum));
    RC_ASSERT_FALSE(__builtin_sub_overflow(now, read->count(), &sum));
    // And as nanoseconds of a clock that counts from when the machine was started, twice.
    RC_ASSERT_FALSE(__builtin_mul_overflow(read->count(), 2'000, &sum));
  }));
}

TEST_CASE("half a microsecond is rounded, not lost") {
  CHECK(ok(parse_duration("0.5us")) == 1us);
  CHECK(ok(parse_duration("0.4us")) == 0us);
  CHECK(ok(parse_duration("1.9999999s")) == 2s);
}

TEST_CASE("what is not a duration is told with the reason") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "it is empty"},
      {"5", "a unit is missing"},
      {"00", "a unit is missing"},
      {"1h30", "a unit is missing"},
      {"s", "a number is missing"},
      {".s", "a number is missing"},
      {"1.2.3s", "a number is missing"},
      {" 5s", "a number is missing"},
      {"5s ", "a number is missing"},
      {"5 s", "a unit is missing"},
      {"+5s", "a number is missing"},
      {"-5s", "it is negative"},
      {"1h-5m", "it is negative"},
      {"5y", "'y' is not a unit (us ms s m h d w)"},
      {"5S", "'S' is not a unit (us ms s m h d w)"},
      {"1e3s", "'e' is not a unit (us ms s m h d w)"},
      {"infs", "a number is missing"},
      {"30m1h", "its units do not get smaller"},
      {"1s1s", "its units do not get smaller"},
      {"9223372036854775808us", "it is longer than 36500d"},
      {"36500d1us", "it is longer than 36500d"},
      {"1us.5us", "its units do not get smaller"},
      {"9223372036854775807ms", "it is longer than 36500d"},
      {"1ms9223372036854775807us", "it is longer than 36500d"},
      {"9223372036854775807.9us", "it is longer than 36500d"},
      {"9223372036855s", "it is longer than 36500d"},
      {"99999999999999999999w", "it is longer than 36500d"}};
  for (const auto& each : cases) {
    const auto& text = each.first;
    const auto& why = each.second;
    CAPTURE(text);
    CHECK(message_of(parse_duration(text)) ==
          std::string("'") + text + "' is not a duration: " + why + kWayOut);
    const bool too_long = std::string(why).starts_with("it is longer");
    CHECK(code_of(parse_duration(text)) ==
          (too_long ? ErrorCode::invalid_argument : ErrorCode::parse));
  }
}

TEST_CASE("a message shows no control character of the text") {
  const std::string message = message_of(parse_duration("5\x1b[31ms\xff"));
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.starts_with("'5\\x1b[31ms\\xff' is not a duration"));
}

TEST_CASE("durations are written exactly") {
  const std::pair<Micros, const char*> cases[] = {{0us, "0s"},
                                                  {1us, "1us"},
                                                  {250ms, "250ms"},
                                                  {1'500ms, "1s500ms"},
                                                  {90min, "1h30m"},
                                                  {14 * 24h, "14d"},
                                                  {24h + 1us, "1d1us"},
                                                  {-90s, "-1m30s"},
                                                  {Micros::max(), "106751991d4h54s775ms807us"},
                                                  {Micros::min(), "-106751991d4h54s775ms808us"}};
  for (const auto& [duration, text] : cases) CHECK(format_duration(duration) == text);
}

TEST_CASE("law: what is written is read back, to the microsecond") {
  CHECK(rc::check([] {
    // Of every magnitude: a number of 63 bits alone is nearly always above 100,000 years.
    const auto bits = *rc::gen::inRange(0, 63);
    const auto count = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits);
    const auto read = parse_duration(format_duration(Micros{count}), Micros::max());
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->count() == count);
  }));
  CHECK(ok(parse_duration(format_duration(Micros::max()), Micros::max())) == Micros::max());
}

TEST_CASE("people get two units at most, never more time than there was") {
  const std::pair<Micros, const char*> cases[] = {{0us, "0s"},
                                                  {999us, "999us"},
                                                  {1ms, "1ms"},
                                                  {840ms, "840ms"},
                                                  {999'999us, "999ms"},
                                                  {1s, "1s"},
                                                  {1'950ms, "1.9s"},
                                                  {9'999ms, "9.9s"},
                                                  {10s, "10s"},
                                                  {59'999ms, "59s"},
                                                  {1min, "1m"},
                                                  {12min + 5s, "12m 5s"},
                                                  {59min + 59s, "59m 59s"},
                                                  {1h, "1h"},
                                                  {23h + 59min + 59s, "23h 59m"},
                                                  {24h, "1d"},
                                                  {3 * 24h + 4h + 59min, "3d 4h"},
                                                  {-90s, "-1m 30s"},
                                                  {Micros::max(), "106751991d 4h"},
                                                  {Micros::min(), "-106751991d 4h"}};
  for (const auto& [duration, text] : cases) CHECK(humanize_duration(duration) == text);
}

}  // namespace
}  // namespace rz
