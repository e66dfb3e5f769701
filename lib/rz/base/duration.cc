#include "rz/base/duration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rz/base/text.h"

namespace rz {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t micros;
};

// Largest first: a sum is written, and must be read, in this order.
constexpr std::array<Unit, 7> kUnits = {{{"w", 604'800'000'000},
                                         {"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000},
                                         {"ms", 1'000},
                                         {"us", 1}}};

tl::unexpected<Error> bad_duration(std::string_view text, std::string_view why,
                                   ErrorCode code = ErrorCode::parse) {
  return fail(code, "'" + printable(text) + "' is not a duration: " + std::string(why) +
                        "; write it like 500ms, 5s, 30m, 24h or 7d");
}

// Removes from the start of `text` the characters that satisfy `belongs`, and returns them.
template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate belongs) {
  std::size_t n = 0;
  while (n < text.size() && belongs(text[n])) ++n;
  const std::string_view taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

// `number` (digits with at most one dot) times `unit`; nothing if that exceeds int64. The whole
// part is not read as a double, which cannot hold the microseconds of more than 285 years exactly.
std::optional<std::int64_t> micros_of(std::string_view number, std::int64_t unit) {
  const std::size_t dot = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, dot);
  const auto count = whole.empty() ? 0 : parse_int(whole);
  std::int64_t micros = 0;
  if (!count || __builtin_mul_overflow(*count, unit, &micros)) return std::nullopt;
  const double part = parse_double(number.substr(dot)).value_or(0) * static_cast<double>(unit);
  if (__builtin_add_overflow(micros, std::llround(part), &micros)) return std::nullopt;
  return micros;
}

std::string count_of(std::int64_t n, std::string_view unit) {
  return std::to_string(n).append(unit);
}

}  // namespace

Result<Micros> parse_duration(std::string_view text, Micros longest) {
  const std::string_view whole = text;
  const auto too_long = [&] {
    return bad_duration(whole, "it is longer than " + format_duration(longest),
                        ErrorCode::invalid_argument);
  };
  if (text.empty()) return bad_duration(whole, "it is empty");
  if (text == "0") return Micros{0};
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    if (text.front() == '-') return bad_duration(whole, "it is negative");
    const auto digits = take_while(text, [](char c) { return is_digit(c) || c == '.'; });
    if (!parse_double(digits)) return bad_duration(whole, "a number is missing");
    const auto name = take_while(text, is_alpha);
    if (name.empty()) return bad_duration(whole, "a unit is missing");
    std::size_t unit = 0;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (unit == kUnits.size()) {
      return bad_duration(whole, "'" + printable(name) + "' is not a unit (us ms s m h d w)");
    }
    if (unit < next_unit) return bad_duration(whole, "its units do not get smaller");
    next_unit = unit + 1;
    const auto part = micros_of(digits, kUnits[unit].micros);
    if (!part || __builtin_add_overflow(total, *part, &total)) {
      return too_long();
    }
  }
  if (total > longest.count()) return too_long();
  return Micros{total};
}

std::string format_duration(Micros duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  // Whole units only: `1.5s` is read, but `1s500ms` is exact for every value.
  std::string text = left < 0 ? "-" : "";
  // Negated as an unsigned number, because -INT64_MIN overflows an int64.
  std::uint64_t rest =
      left < 0 ? 0 - static_cast<std::uint64_t>(left) : static_cast<std::uint64_t>(left);
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;  // Most people understand `14d` faster than `2w`.
    const auto size = static_cast<std::uint64_t>(unit.micros);
    if (rest < size) continue;
    text += std::to_string(rest / size).append(unit.name);
    rest %= size;
  }
  return text;
}

std::string humanize_duration(Micros duration) {
  using namespace std::chrono;
  // Negating the lowest int64 would overflow.
  if (duration < Micros{0}) return "-" + humanize_duration(-std::max(duration, -Micros::max()));
  if (duration == Micros{0}) return "0s";
  if (duration < 1ms) return count_of(duration.count(), "us");
  if (duration < 1s) return count_of(floor<milliseconds>(duration).count(), "ms");
  if (duration < 10s) {
    const auto tenths = floor<milliseconds>(duration).count() / 100;
    return count_of(tenths / 10, tenths % 10 ? "." + std::to_string(tenths % 10) + "s" : "s");
  }
  const std::int64_t seconds_left = floor<seconds>(duration).count();
  const auto two = [](std::int64_t large, std::string_view a, std::int64_t small,
                      std::string_view b) {
    return small == 0 ? count_of(large, a) : count_of(large, a) + " " + count_of(small, b);
  };
  if (seconds_left < 60) return count_of(seconds_left, "s");
  if (seconds_left < 3600) return two(seconds_left / 60, "m", seconds_left % 60, "s");
  if (seconds_left < 86'400) return two(seconds_left / 3600, "h", seconds_left % 3600 / 60, "m");
  return two(seconds_left / 86'400, "d", seconds_left % 86'400 / 3600, "h");
}

}  // namespace rz
