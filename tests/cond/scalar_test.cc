#include "rz/cond/scalar.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

namespace rz::cond {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kTwoTo53 = std::int64_t{1} << 53;

// On x86-64 a long double holds every int64 and every double, so that its order is the true one.
static_assert(std::numeric_limits<long double>::digits >= 64);
template <class A, class B>
std::partial_ordering truth(A a, B b) {
  return static_cast<long double>(a) <=> static_cast<long double>(b);
}

std::int64_t any_int() {
  return *rc::gen::oneOf(
      rc::gen::arbitrary<std::int64_t>(),
      rc::gen::element(kMin, kMin + 1, kMax, kMax - 1, std::int64_t{0}),
      rc::gen::inRange(kTwoTo53 - 3, kTwoTo53 + 4),
      rc::gen::map(rc::gen::inRange(0, 2048), [](int below) { return kMax - below; }));
}

double any_double() {
  return *rc::gen::oneOf(
      rc::gen::map(rc::gen::arbitrary<double>(),
                   [](double d) { return std::isfinite(d) ? d : 0.5; }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                   [](std::int64_t i) { return static_cast<double>(i); }),
      rc::gen::element(0.0, -0.0, 0.5, 9007199254740992.0, 9007199254740994.0,
                       9223372036854775808.0, 9223372036854774784.0, -9223372036854775808.0,
                       -9223372036854777856.0, 1e300, -1e300, 5e-324));
}

Scalar result_of(NodeKind kind, const Scalar& a, const Scalar& b) {
  Scalar result;
  REQUIRE(arithmetic(kind, a, b, result) == ScalarError::none);
  return result;
}

ScalarError error_of(NodeKind kind, const Scalar& a, const Scalar& b) {
  Scalar result;
  return arithmetic(kind, a, b, result);
}

}  // namespace

TEST_CASE("an integer and a double compare exactly") {
  CHECK(compare_numbers(kTwoTo53 + 1, 9007199254740992.0) > 0);
  CHECK(compare_numbers(kTwoTo53, 9007199254740992.0) == 0);
  CHECK(compare_numbers(kMax, 9223372036854775808.0) < 0);
  CHECK(compare_numbers(kMin, -9223372036854775808.0) == 0);
  CHECK(compare_numbers(kMin, -9223372036854777856.0) > 0);
  CHECK(compare_numbers(std::int64_t{0}, -0.0) == 0);
  CHECK(compare_numbers(std::int64_t{-1}, -0.5) < 0);
  CHECK(compare_numbers(std::int64_t{-1}, -1.5) > 0);
  CHECK(rc::check("as long double, which holds both", [] {
    const std::int64_t i = any_int();
    const double d = any_double();
    RC_ASSERT(compare_numbers(i, d) == truth(i, d));
  }));
  CHECK(rc::check("also for neighbours", [] {
    const std::int64_t i = any_int();
    const double near = static_cast<double>(i);
    for (double d : {std::nextafter(near, -HUGE_VAL), near, std::nextafter(near, HUGE_VAL)}) {
      RC_ASSERT(compare_numbers(i, d) == truth(i, d));
    }
  }));
}

TEST_CASE("values of different types are not equal; numbers are, by value") {
  CHECK(equal(std::int64_t{1}, 1.0));
  CHECK(equal(0.0, -0.0));
  CHECK_FALSE(equal(std::int64_t{1}, true));
  CHECK_FALSE(equal(1.0, std::string_view("1")));
  CHECK_FALSE(equal(true, std::string_view("true")));
  CHECK(equal(std::string_view("a"), std::string_view("a")));
  CHECK_FALSE(equal(std::string_view("a"), std::string_view("A")));
}

TEST_CASE("strings are ordered by code point") {
  CHECK(ordered(NodeKind::less, std::string_view("Z"), std::string_view("a")));
  CHECK(ordered(NodeKind::less, std::string_view("a"), std::string_view("aa")));
  CHECK(ordered(NodeKind::greater, std::string_view("\U0001F600"), std::string_view("\uFFFD")));
  CHECK(ordered(NodeKind::less_equal, std::string_view(""), std::string_view("")));
  CHECK_FALSE(ordered(NodeKind::greater_equal, std::string_view(""), std::string_view("a")));
}

TEST_CASE("integers stay integers, and what does not fit is an error") {
  CHECK(result_of(NodeKind::add, std::int64_t{2}, std::int64_t{3}) == Scalar(std::int64_t{5}));
  CHECK(result_of(NodeKind::subtract, std::int64_t{2}, 0.5) == Scalar(1.5));
  CHECK(result_of(NodeKind::multiply, kMax, std::int64_t{-1}) == Scalar(-kMax));
  CHECK(error_of(NodeKind::add, kMax, std::int64_t{1}) == ScalarError::overflow);
  CHECK(error_of(NodeKind::subtract, kMin, std::int64_t{1}) == ScalarError::overflow);
  CHECK(error_of(NodeKind::multiply, kMin, std::int64_t{-1}) == ScalarError::overflow);
  CHECK(error_of(NodeKind::multiply, 1e200, 1e200) == ScalarError::not_finite);
  Scalar result;
  CHECK(negated(kMin, result) == ScalarError::overflow);
  CHECK(negated(std::int64_t{7}, result) == ScalarError::none);
  CHECK(result == Scalar(std::int64_t{-7}));
}

TEST_CASE("'/' gives a double, by zero an error") {
  CHECK(result_of(NodeKind::divide, std::int64_t{7}, std::int64_t{2}) == Scalar(3.5));
  CHECK(result_of(NodeKind::divide, std::int64_t{6}, std::int64_t{2}) == Scalar(3.0));
  CHECK(error_of(NodeKind::divide, std::int64_t{1}, std::int64_t{0}) ==
        ScalarError::division_by_zero);
  CHECK(error_of(NodeKind::divide, 1.0, -0.0) == ScalarError::division_by_zero);
  CHECK(error_of(NodeKind::divide, 1e300, 1e-300) == ScalarError::not_finite);
}

TEST_CASE("'%' has the sign of the divisor, as in Python") {
  const auto mod = [](std::int64_t a, std::int64_t b) { return result_of(NodeKind::modulo, a, b); };
  CHECK(mod(7, 3) == Scalar(std::int64_t{1}));
  CHECK(mod(-7, 3) == Scalar(std::int64_t{2}));
  CHECK(mod(7, -3) == Scalar(std::int64_t{-2}));
  CHECK(mod(-7, -3) == Scalar(std::int64_t{-1}));
  CHECK(mod(kMin, -1) == Scalar(std::int64_t{0}));
  CHECK(result_of(NodeKind::modulo, -5.5, 2.0) == Scalar(0.5));
  CHECK(result_of(NodeKind::modulo, 5.5, -2.0) == Scalar(-0.5));
  CHECK(error_of(NodeKind::modulo, std::int64_t{1}, std::int64_t{0}) ==
        ScalarError::division_by_zero);
  CHECK(error_of(NodeKind::modulo, 1.0, 0.0) == ScalarError::division_by_zero);
  CHECK(rc::check("a == b * floor(a / b) + a % b", [](std::int16_t a, std::int16_t b) {
    RC_PRE(b != 0);
    const double floor = std::floor(static_cast<double>(a) / b);
    const auto expected = static_cast<std::int64_t>(a - b * floor);
    Scalar result;
    RC_ASSERT(arithmetic(NodeKind::modulo, std::int64_t{a}, std::int64_t{b}, result) ==
              ScalarError::none);
    RC_ASSERT(result == Scalar(expected));
  }));
}

}  // namespace rz::cond
