#include "rz/cond/filter/number.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <optional>
#include <string>

#include "rz/base/json.h"

namespace rz::cond {
namespace {

struct Read {
  NumberState state;
  std::size_t size;
  ConditionValue value;
};

Read read_digits(std::string text) {
  const std::size_t size = text.size();
  text.append(kReadAhead, '\n');
  Read result{NumberState::none, 0, {}};
  const char* end = read_number(text.data(), &result.value, result.state);
  if (result.state != NumberState::none) result.size = static_cast<std::size_t>(end - text.data());
  CHECK(result.size <= size);
  // Without a value to be set it answers the same.
  NumberState state;
  const char* skipped = read_number(text.data(), nullptr, state);
  CHECK((state == NumberState::none) == (result.state == NumberState::none));
  if (state != NumberState::none) CHECK(skipped == end);
  return result;
}

// What another reader makes of the whole text.
std::optional<ConditionValue> expected(const std::string& text) {
  const auto value = parse_json(text);
  if (!value) return std::nullopt;
  if (const auto* i = value->as_int()) return *i;
  return *value->as_double();
}

void check_same(const std::string& text) {
  CAPTURE(text);
  const Read found = read_digits(text);
  const auto other = expected(text);
  REQUIRE(other.has_value());
  CHECK(found.state == NumberState::ok);
  CHECK(found.size == text.size());
  CHECK(found.value == *other);
  if (const auto* d = std::get_if<double>(&found.value)) {
    CHECK(std::signbit(*d) == std::signbit(std::get<double>(*other)));
  }
}

}  // namespace

TEST_CASE("numbers are what another reader says, to the last bit") {
  for (const char* text : {"0",
                           "-0",
                           "7",
                           "-7",
                           "1234567",
                           "12345678",
                           "123456789",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "0.5",
                           "-0.0",
                           "0.123456",
                           "0.1234567",
                           "1234.567",
                           "12345.67",
                           "123456.7",
                           "1234567.8",
                           "99999.99",
                           "0.30000000000000004",
                           "1e5",
                           "1E5",
                           "1e+5",
                           "1.5e-7",
                           "-2.5E3",
                           "0.1e1",
                           "1.7976931348623157e308",
                           "5e-324",
                           "2.2250738585072014e-308",
                           "9007199254740993",
                           "9007199254740993.0"}) {
    check_same(text);
  }
}

TEST_CASE("random numbers are what another reader says") {
  CHECK(rc::check([] {
    const auto digits = [](int least, int most) {
      return *rc::gen::resize(
          most,
          rc::gen::suchThat(
              rc::gen::container<std::string>(rc::gen::inRange('0', static_cast<char>('9' + 1))),
              [=](const std::string& s) { return static_cast<int>(s.size()) >= least; }));
    };
    std::string whole = digits(1, 12);
    while (whole.size() > 1 && whole.front() == '0') whole.erase(0, 1);
    std::string text = (*rc::gen::arbitrary<bool>() ? "-" : "") + whole;
    if (*rc::gen::arbitrary<bool>()) text += "." + digits(1, 12);
    if (*rc::gen::inRange(0, 4) == 0) {
      text += (*rc::gen::arbitrary<bool>() ? "e" : "E-") + std::to_string(*rc::gen::inRange(0, 20));
    }
    check_same(text);
  }));
}

TEST_CASE("what is not a number") {
  for (const char* text : {"", "-", "+1", ".5", "1.", "1.e5", "-.5", "01", "-01", "00", "00.5",
                           "1e", "1e+", "1.5e", "0123456789", "NaN", "Infinity", "-x", "--1"}) {
    CAPTURE(text);
    CHECK(read_digits(text).state == NumberState::none);
  }
}

TEST_CASE("a number ends where it ends") {
  CHECK(read_digits("1,2").size == 1);
  CHECK(read_digits("1.5}").size == 3);
  CHECK(read_digits("12x").size == 2);
  CHECK(read_digits("1.5.5").size == 3);
  CHECK(read_digits("1-2").size == 1);
  CHECK(read_digits("1\xff").size == 1);
  CHECK(read_digits("1.5\xff\xff").size == 3);
}

TEST_CASE("beyond what a double holds is out of range; nearer to zero than any is zero") {
  for (const char* text : {"1e309", "-1e400", "1e99999999999999999999", "0.001e999"}) {
    CAPTURE(text);
    CHECK(read_digits(text).state == NumberState::out_of_range);
  }
  CHECK(read_digits(std::string(400, '9')).state == NumberState::out_of_range);
  for (const char* text : {"1e-400", "0.0e999", "0e999", "1e-99999999999999999999", "100e-999"}) {
    CAPTURE(text);
    const Read found = read_digits(text);
    CHECK(found.state == NumberState::ok);
    CHECK(std::get<double>(found.value) == 0);
  }
  CHECK(read_digits("0." + std::string(400, '0') + "1").state == NumberState::ok);
  CHECK(std::get<double>(read_digits("0." + std::string(400, '0') + "1e401").value) == 1);
}

TEST_CASE("an integer is exact or out of range, never rounded") {
  const auto exact = [](const char* text, double value) {
    CAPTURE(text);
    const Read found = read_digits(text);
    CHECK(found.state == NumberState::ok);
    CHECK(std::get<double>(found.value) == value);
    CHECK(std::get<double>(*parse_number(text)) == value);
  };
  exact("9223372036854775808", 0x1p63);
  exact("18446744073709551616", 0x1p64);
  exact("-18446744073709551616", -0x1p64);
  exact("18446744073709549568", 0x1p64 - 2048);
  for (const char* text : {"9223372036854775809", "18446744073709551614", "18446744073709551615",
                           "-9223372036854775809", "123456789012345678901234"}) {
    CAPTURE(text);
    CHECK(read_digits(text).state == NumberState::out_of_range);
    CHECK_FALSE(parse_number(text).has_value());
  }
  // With a fraction or an exponent it is a double by its own word.
  CHECK(std::get<double>(read_digits("18446744073709551615.0").value) == 0x1p64);
}

TEST_CASE("the random integers around 2^63 and 2^64 are exact or refused") {
  CHECK(rc::check([] {
    const auto offset = *rc::gen::inRange<std::uint64_t>(0, 1 << 20);
    const auto base = *rc::gen::element<std::uint64_t>(
        std::uint64_t{1} << 63, UINT64_MAX - (1 << 20), (std::uint64_t{1} << 63) - (1 << 20));
    const std::uint64_t integer = base + offset;
    const auto value = parse_number(std::to_string(integer));
    if (!value) return;
    const auto* i = std::get_if<std::int64_t>(&*value);
    const long double found = i ? static_cast<long double>(*i) : std::get<double>(*value);
    RC_ASSERT(found == static_cast<long double>(integer));
  }));
}

}  // namespace rz::cond
