#include <charconv>
#include <limits>
#include <optional>

#include "rz/base/text.h"
#include "rz/cond/filter/number.h"
#include "rz/config/yaml.h"

namespace rz::config {
namespace {

bool is_one_of(std::string_view text, std::string_view a, std::string_view b, std::string_view c) {
  return text == a || text == b || text == c;
}

std::optional<Value> parse_radix(std::string_view text) {
  const bool octal = text.starts_with("0o");
  if (!octal && !text.starts_with("0x")) return std::nullopt;
  const std::string_view digits = text.substr(2);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, octal ? 8 : 16);
  // from_chars accepts a minus sign, which the schema does not allow after the prefix.
  if (error != std::errc() || stop != end || digits.starts_with('-')) return std::nullopt;
  return Value(value);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  const auto skip_digits = [&text] {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    text.remove_prefix(count);
    return count;
  };
  const auto skip_sign = [&text] {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  };
  skip_sign();
  std::size_t digits = skip_digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  skip_sign();
  return skip_digits() > 0 && text.empty();
}

std::optional<Value> parse_decimal(std::string_view text) {
  if (!is_decimal(text)) return std::nullopt;
  // A number beyond double stays a text, and so does an integer that would be rounded: an error
  // about its type is better than a number that nobody wrote.
  const auto number = cond::parse_number(text);
  if (!number) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&*number)) return Value(*integer);
  return Value(std::get<double>(*number));
}

std::optional<Value> parse_special(std::string_view text) {
  if (is_one_of(text, ".nan", ".NaN", ".NAN")) {
    return Value(std::numeric_limits<double>::quiet_NaN());
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!is_one_of(text, ".inf", ".Inf", ".INF")) return std::nullopt;
  const double infinity = std::numeric_limits<double>::infinity();
  return Value(negative ? -infinity : infinity);
}

}  // namespace

Value resolve_plain_scalar(std::string_view text) {
  if (text.empty() || text == "~" || is_one_of(text, "null", "Null", "NULL")) return nullptr;
  if (is_one_of(text, "true", "True", "TRUE")) return true;
  if (is_one_of(text, "false", "False", "FALSE")) return false;
  if (auto value = parse_decimal(text)) return *std::move(value);
  if (auto value = parse_radix(text)) return *std::move(value);
  if (auto value = parse_special(text)) return *std::move(value);
  return Value(text);
}

}  // namespace rz::config
