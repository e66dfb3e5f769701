#pragma once

#include <compare>
#include <optional>
#include <variant>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// A value while it is evaluated. Strings are not owned.
using Scalar = std::variant<bool, std::int64_t, double, std::string_view>;

/// The first double above every integer.
inline constexpr double kTwoTo63 = 9223372036854775808.0;

/// The order of two finite numbers, exact for every pair: 2^53 + 1 is greater than the double 2^53.
std::strong_ordering compare_numbers(std::int64_t a, std::int64_t b);
std::strong_ordering compare_numbers(std::int64_t a, double b);
std::strong_ordering compare_numbers(double a, double b);

/// The same for two variants that each hold an integer or a double.
template <class Variant>
std::strong_ordering compare_held_numbers(const Variant& a, const Variant& b) {
  const auto* ia = std::get_if<std::int64_t>(&a);
  const auto* ib = std::get_if<std::int64_t>(&b);
  if (ia && ib) return compare_numbers(*ia, *ib);
  if (ia) return compare_numbers(*ia, std::get<double>(b));
  if (ib) return 0 <=> compare_numbers(*ib, std::get<double>(a));
  return compare_numbers(std::get<double>(a), std::get<double>(b));
}

/// Whether two values are equal; values of different types are not (a number and a string).
bool equal(const Scalar& a, const Scalar& b);

/// Whether `a kind b` holds, for an order of two numbers or two strings (by code point).
bool ordered(NodeKind kind, const Scalar& a, const Scalar& b);

/// Why an operation has no result.
enum class ScalarError { none, overflow, division_by_zero, not_finite };

/// `a kind b` for two finite numbers. Two integers give an integer, except for `/`; else both are
/// taken as doubles. `%` has the sign of the divisor, as in Python.
ScalarError arithmetic(NodeKind kind, const Scalar& a, const Scalar& b, Scalar& result);

/// `-a` for a finite number.
ScalarError negated(const Scalar& a, Scalar& result);

}  // namespace rz::cond
