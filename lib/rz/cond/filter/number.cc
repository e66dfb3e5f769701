#include "rz/cond/filter/number.h"

#include <array>
#include <charconv>
#include <string_view>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

/// Where the parts of a number are.
struct Parts {
  const char* whole = nullptr;
  const char* whole_end = nullptr;
  const char* fraction = nullptr;  ///< As end, where there is none.
  const char* fraction_end = nullptr;
  const char* end = nullptr;  ///< Behind the exponent; nullptr: this is not a number.
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

// The double that an integer beyond int64 is, if there is one: `digits` has no leading zeros.
std::optional<double> exact_double(std::string_view digits) {
  const auto value = parse_double(digits);
  if (!value) return std::nullopt;
  std::array<char, 400> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), *value, std::chars_format::fixed)
          .ptr;
  return std::string_view(buffer.data(), end) == digits ? value : std::nullopt;
}

}  // namespace

const char* read_long_number(const char* begin, ConditionValue* value, NumberState& state) {
  const Parts parts = find_parts(begin);
  state = parts.end == nullptr ? NumberState::none : NumberState::ok;
  if (parts.end == nullptr || value == nullptr) return parts.end;
  const auto number = parse_number({begin, static_cast<std::size_t>(parts.end - begin)});
  if (number) {
    *value = *number;
  } else {
    state = NumberState::out_of_range;
  }
  return parts.end;
}

std::optional<ConditionValue> parse_number(std::string_view text) {
  if (const auto i = parse_int(text)) return *i;
  const bool integer = text.find_first_not_of("+-0123456789") == std::string_view::npos;
  if (integer && text.starts_with('+')) text.remove_prefix(1);
  const auto d = integer ? exact_double(text) : parse_double(text);
  return d ? std::optional<ConditionValue>(*d) : std::nullopt;
}

}  // namespace rz::cond
