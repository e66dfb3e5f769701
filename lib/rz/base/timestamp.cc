#include "rz/base/timestamp.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "rz/base/text.h"

namespace rz {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

tl::unexpected<Error> bad_timestamp(std::string_view text) {
  return fail(ErrorCode::parse,
              "'" + printable(text) + "' is not a time; write it like 2026-01-02T03:04:05Z");
}

/// Reads a text piece by piece. Once an expected piece is missing, `ok` stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) {
        ok = false;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  void expect(char c) {
    if (!accept(c)) ok = false;
  }

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Digits of a fraction, as microseconds; what follows the sixth is cut off.
  int fraction() {
    int value = 0;
    int count = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); ++count, rest_.remove_prefix(1)) {
      if (count < 6) value = value * 10 + (rest_.front() - '0');
    }
    if (count == 0) ok = false;
    for (; count < 6; ++count) value *= 10;
    return value;
  }

  bool done() const { return rest_.empty(); }

  bool ok = true;

 private:
  std::string_view rest_;
};

// `Z`, `+02:00`, `+0200`, or nothing, which is UTC: Python's utcnow().isoformat() writes none.
std::chrono::minutes read_offset(Scanner& in) {
  if (in.done() || in.accept('Z') || in.accept('z')) return {};
  const bool negative = in.accept('-');
  if (!negative) in.expect('+');
  const int hours = in.digits(2);
  in.accept(':');
  const int minutes = in.digits(2);
  if (hours > 23 || minutes > 59) in.ok = false;
  const std::chrono::minutes offset{hours * 60 + minutes};
  return negative ? -offset : offset;
}

// Decimal digits in place of `count` zeros. By hand, since lists and imports write a million times.
void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t value) {
  for (std::size_t i = at + count; i > at; value /= 10) {
    text[--i] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

std::string format_timestamp(TimePoint time) {
  using namespace std::chrono;
  constexpr TimePoint kFirst = sys_days{year{0} / 1 / 1};
  constexpr TimePoint kLast = sys_days{year{10'000} / 1 / 1} - Micros{1};
  time = std::clamp(time, kFirst, kLast);
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  put_digits(text, 20, 6, clock.subseconds().count());
  return text;
}

std::string format_timestamp_seconds(TimePoint time) {
  std::string text = format_timestamp(time);
  const std::size_t point = text.find('.');
  return text.erase(point, text.size() - 1 - point);
}

Result<TimePoint> parse_timestamp(std::string_view text) {
  Scanner in(text);
  const int year = in.digits(4);
  in.expect('-');
  const int month = in.digits(2);
  in.expect('-');
  const int day = in.digits(2);
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!in.ok || !date.ok()) return bad_timestamp(text);
  TimePoint time = sys_days{date};
  if (in.done()) return time;

  if (!in.accept('T') && !in.accept('t')) in.expect(' ');
  const int hour = in.digits(2);
  in.expect(':');
  const int minute = in.digits(2);
  int second = 0;
  int micros = 0;
  // Python's isoformat(timespec='minutes') writes no seconds, and ISO 8601 also allows a comma
  // before the fraction.
  if (in.accept(':')) {
    second = in.digits(2);
    if (in.accept('.') || in.accept(',')) micros = in.fraction();
  }
  const auto offset = read_offset(in);
  // A second of 60 is a leap second. Unix time has none, so it becomes the next second.
  if (!in.ok || !in.done() || hour > 23 || minute > 59 || second > 60) return bad_timestamp(text);
  time += std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
          Micros{micros} - offset;
  return time;
}

std::string format_unix_seconds(TimePoint time) {
  const std::int64_t micros = time.time_since_epoch().count();
  const auto size =
      micros < 0 ? 0 - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  std::string text = micros < 0 ? "-" : "";
  text += std::to_string(size / 1'000'000);
  text += ".000000";
  put_digits(text, text.size() - 6, 6, static_cast<std::int64_t>(size % 1'000'000));
  return text;
}

Result<TimePoint> parse_unix_seconds(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::parse,
                "'" + printable(text) + "' is not a number of seconds since 1970");
  };
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::size_t dot = rest.find('.');
  const std::string_view whole = rest.substr(0, dot);
  if (whole.empty() || !is_digit(whole.front())) return bad();
  const auto seconds = parse_int(whole);
  // The most seconds whose microseconds fit an int64, less one for the fraction.
  if (!seconds || *seconds > std::numeric_limits<std::int64_t>::max() / 1'000'000 - 1) return bad();
  int micros = 0;
  if (dot != std::string_view::npos) {
    Scanner fraction(rest.substr(dot + 1));
    micros = fraction.fraction();
    if (!fraction.ok || !fraction.done()) return bad();
  }
  const Micros span = std::chrono::seconds{*seconds} + Micros{micros};
  return TimePoint{negative ? -span : span};
}

}  // namespace rz
