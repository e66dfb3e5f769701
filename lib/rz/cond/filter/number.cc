#include "rz/cond/filter/number.h"

#include <charconv>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

/// Where the parts of a number are.
struct Parts {
  const char* whole = nullptr;
  const char* whole_end = nullptr;
  const char* fraction = nullptr;  ///< As end, where there is none.
  const char* fraction_end = nullptr;
  const char* end = nullptr;  ///< Behind the exponent; nullptr: this is no number.
};

const char* skip_digits(const char* p) {
  while (is_digit(*p)) ++p;
  return p;
}

Parts find_parts(const char* p) {
  Parts parts;
  parts.whole = p + (*p == '-');
  parts.whole_end = skip_digits(parts.whole);
  p = parts.whole_end;
  if (p == parts.whole || (*parts.whole == '0' && p > parts.whole + 1)) return {};
  parts.fraction = parts.fraction_end = p;
  if (*p == '.') {
    parts.fraction = p + 1;
    p = parts.fraction_end = skip_digits(parts.fraction);
    if (p == parts.fraction) return {};
  }
  if (*p == 'e' || *p == 'E') {
    const char* digits = p + 1 + (p[1] == '+' || p[1] == '-');
    p = skip_digits(digits);
    if (p == digits) return {};
  }
  parts.end = p;
  return parts;
}

// What std::from_chars found out of range is either beyond all doubles or nearer to zero than any.
bool is_huge(const Parts& parts) {
  const char* first = parts.whole;
  while (first != parts.whole_end && *first == '0') ++first;
  std::int64_t magnitude = parts.whole_end - first;
  if (magnitude == 0) {
    for (first = parts.fraction; first != parts.fraction_end && *first == '0'; ++first) --magnitude;
    if (first == parts.fraction_end) return false;
  }
  if (parts.end == parts.fraction_end) return magnitude > 0;
  const char* exponent = parts.fraction_end + 1 + (parts.fraction_end[1] == '+');
  std::int64_t value = 0;
  const auto error = std::from_chars(exponent, parts.end, value).ec;
  if (error != std::errc()) return *exponent != '-';
  return value > 0 ? value > -magnitude : magnitude > -value;
}

}  // namespace

const char* read_long_number(const char* begin, ConditionValue* value, NumberState& state) {
  const Parts parts = find_parts(begin);
  state = parts.end == nullptr ? NumberState::none : NumberState::ok;
  if (parts.end == nullptr || value == nullptr) return parts.end;
  if (parts.end == parts.whole_end) {
    std::int64_t i = 0;
    if (std::from_chars(begin, parts.end, i).ec == std::errc()) {
      *value = i;
      return parts.end;
    }
    // Beyond int64: a double, as parse_json() has it.
  }
  double d = 0;
  if (std::from_chars(begin, parts.end, d).ec != std::errc()) {
    if (is_huge(parts)) {
      state = NumberState::out_of_range;
      return parts.end;
    }
    d = *begin == '-' ? -0.0 : 0.0;
  }
  *value = d;
  return parts.end;
}

}  // namespace rz::cond
