#include "rz/cond/scalar.h"

#include <cmath>

namespace rz::cond {
namespace {

// The first double above every int64.

double as_double(const Scalar& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  return std::get<double>(value);
}

bool is_number(const Scalar& value) { return value.index() == 1 || value.index() == 2; }

ScalarError integer_arithmetic(NodeKind kind, std::int64_t a, std::int64_t b, Scalar& result) {
  std::int64_t value = 0;
  bool overflow = false;
  switch (kind) {
    case NodeKind::add: overflow = __builtin_add_overflow(a, b, &value); break;
    case NodeKind::subtract: overflow = __builtin_sub_overflow(a, b, &value); break;
    case NodeKind::multiply: overflow = __builtin_mul_overflow(a, b, &value); break;
    default:
      if (b == 0) return ScalarError::division_by_zero;
      // INT64_MIN % -1 is zero, but traps.
      value = b == -1 ? 0 : a % b;
      if (value != 0 && (value < 0) != (b < 0)) value += b;
  }
  if (overflow) return ScalarError::overflow;
  result = value;
  return ScalarError::none;
}

ScalarError double_arithmetic(NodeKind kind, double a, double b, Scalar& result) {
  double value = 0;
  switch (kind) {
    case NodeKind::add: value = a + b; break;
    case NodeKind::subtract: value = a - b; break;
    case NodeKind::multiply: value = a * b; break;
    case NodeKind::divide:
      if (b == 0) return ScalarError::division_by_zero;
      value = a / b;
      break;
    default:
      if (b == 0) return ScalarError::division_by_zero;
      value = std::fmod(a, b);
      if (value != 0 && (value < 0) != (b < 0)) value += b;
  }
  if (!std::isfinite(value)) return ScalarError::not_finite;
  result = value;
  return ScalarError::none;
}

}  // namespace

std::strong_ordering compare_numbers(std::int64_t a, std::int64_t b) { return a <=> b; }

std::strong_ordering compare_numbers(std::int64_t a, double b) {
  if (b >= kTwoTo63) return std::strong_ordering::less;
  if (b < -kTwoTo63) return std::strong_ordering::greater;
  const double whole = std::trunc(b);
  const auto integer = static_cast<std::int64_t>(whole);
  if (a != integer) return a <=> integer;
  if (b == whole) return std::strong_ordering::equal;
  return b > whole ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::strong_ordering compare_numbers(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

bool equal(const Scalar& a, const Scalar& b) {
  if (is_number(a) && is_number(b)) return compare_held_numbers(a, b) == 0;
  return a == b;
}

bool ordered(NodeKind kind, const Scalar& a, const Scalar& b) {
  const auto* text = std::get_if<std::string_view>(&a);
  // The order of UTF-8's bytes is that of its code points.
  const auto order = text ? *text <=> std::get<std::string_view>(b) : compare_held_numbers(a, b);
  switch (kind) {
    case NodeKind::less: return order < 0;
    case NodeKind::less_equal: return order <= 0;
    case NodeKind::greater: return order > 0;
    default: return order >= 0;
  }
}

ScalarError arithmetic(NodeKind kind, const Scalar& a, const Scalar& b, Scalar& result) {
  const auto* ia = std::get_if<std::int64_t>(&a);
  const auto* ib = std::get_if<std::int64_t>(&b);
  if (ia && ib && kind != NodeKind::divide) return integer_arithmetic(kind, *ia, *ib, result);
  return double_arithmetic(kind, as_double(a), as_double(b), result);
}

ScalarError negated(const Scalar& a, Scalar& result) {
  if (const auto* i = std::get_if<std::int64_t>(&a)) {
    return integer_arithmetic(NodeKind::subtract, 0, *i, result);
  }
  result = -std::get<double>(a);
  return ScalarError::none;
}

}  // namespace rz::cond
