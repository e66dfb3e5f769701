#include "rz/base/posix_zone.h"

#include "rz/base/text.h"

namespace rz {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::year_month_day;

}  // namespace

/// Reads the text from left to right. Once an expected piece is missing, `ok` stays false.
class PosixZone::Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool ok = true;
  bool done() const { return rest_.empty(); }

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) ok = false;
  }

  // `CET`, or `<+03>`.
  void name() {
    const bool quoted = accept('<');
    std::size_t length = 0;
    while (length < rest_.size() && (quoted ? rest_[length] != '>' : is_alpha(rest_[length]))) {
      ++length;
    }
    if (length < 3) ok = false;
    rest_.remove_prefix(length);
    if (quoted) expect('>');
  }

  int number(int most) {
    int value = 0;
    std::size_t digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()) && digits < 4; ++digits) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (digits == 0 || value > most) ok = false;
    return value;
  }

  // `-3`, `2:30`, `+5:45:30`
  seconds time(int most_hours) {
    const bool negative = accept('-');
    if (!negative) accept('+');
    seconds value = std::chrono::hours{number(most_hours)};
    if (accept(':')) value += std::chrono::minutes{number(59)};
    if (accept(':')) value += seconds{number(59)};
    return negative ? -value : value;
  }

  Change change() {
    Change change;
    if (accept('M')) {
      change.form = Change::Form::weekday_of_month;
      change.month = number(12);
      expect('.');
      change.week = number(5);
      expect('.');
      change.day = number(6);
      if (change.month == 0 || change.week == 0) ok = false;
    } else if (accept('J')) {
      change.form = Change::Form::day_without_leap;
      change.day = number(365);
      if (change.day == 0) ok = false;
    } else {
      change.day = number(365);
    }
    // A week is what the tz database uses.
    if (accept('/')) change.time = time(24 * 7 - 1);
    return change;
  }

 private:
  std::string_view rest_;
};

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  PosixZone zone;
  Reader in(text);
  in.name();
  // POSIX counts west of Greenwich.
  zone.standard_ = -in.time(24);
  zone.summer_ = zone.standard_;
  if (!in.done()) {
    in.name();
    const bool given = !in.done() && !in.accept(',');
    zone.summer_ = given ? -in.time(24) : zone.standard_ + std::chrono::hours{1};
    if (given) in.expect(',');
    zone.to_summer_ = in.change();
    in.expect(',');
    zone.to_standard_ = in.change();
  }
  if (!in.ok || !in.done()) return std::nullopt;
  return zone;
}

local_seconds PosixZone::Change::in(std::chrono::year year) const {
  const local_days first{year / std::chrono::January / 1};
  switch (form) {
    case Form::day: return first + days{day} + time;
    case Form::day_without_leap: {
      // The 29th of February is never counted, so that J60 is always the 1st of March.
      const bool after_leap_day = year.is_leap() && day >= 60;
      return first + days{day - 1 + (after_leap_day ? 1 : 0)} + time;
    }
    case Form::weekday_of_month: break;
  }
  const std::chrono::month in_month{static_cast<unsigned>(month)};
  const std::chrono::weekday on{static_cast<unsigned>(day)};
  // The fifth is the last, also where there are four.
  if (week == 5) return local_days{year / in_month / on[std::chrono::last]} + time;
  return local_days{year / in_month / on[static_cast<unsigned>(week)]} + time;
}

seconds PosixZone::offset_at(std::chrono::sys_seconds time) const {
  if (!to_summer_ || !to_standard_) return standard_;
  const std::chrono::sys_days day = std::chrono::floor<days>(time + standard_);
  const std::chrono::year year = year_month_day{day}.year();
  // Each change is at a time of the clock as it goes before it.
  const seconds now = time.time_since_epoch();
  const seconds begin = to_summer_->in(year).time_since_epoch() - standard_;
  const seconds end = to_standard_->in(year).time_since_epoch() - summer_;
  const bool summer = begin < end ? begin <= now && now < end : now < end || begin <= now;
  return summer ? summer_ : standard_;
}

}  // namespace rz
