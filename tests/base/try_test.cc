#include "rz/base/try.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "support/results.h"

namespace rz {
namespace {

Result<void> check(bool good, int& calls) {
  ++calls;
  if (!good) return fail(ErrorCode::conflict, "somebody was first", "key");
  return {};
}

Result<std::unique_ptr<int>> make(int value) {
  if (value < 0) return fail(ErrorCode::invalid_argument, "is negative");
  return std::make_unique<int>(value);
}

Result<std::string> check_both(bool first, bool second, int& calls) {
  if (first) TRY(check(second, calls));
  TRY(check(first, calls));
  return "good";
}

// Values that cannot be copied, two of them in one block, and one that is assigned.
Result<int> sum(int a, int b, int c) {
  TRY_ASSIGN(const auto first, make(a));
  TRY_ASSIGN(auto second, make(b));
  int total = *first + *second;
  TRY_ASSIGN(second, make(c));
  total += *second;
  return total;
}

TEST_CASE("TRY returns the error, whole, and asks once") {
  int calls = 0;
  CHECK(ok(check_both(true, true, calls)) == "good");
  CHECK(calls == 2);
  calls = 0;
  CHECK(error_of(check_both(false, true, calls)) ==
        Error{ErrorCode::conflict, "somebody was first", "key"});
  CHECK(calls == 1);
  CHECK(code_of(check_both(true, false, calls)) == ErrorCode::conflict);
  CHECK(calls == 2);
}

TEST_CASE("TRY_ASSIGN gives the value, moved, or returns the error") {
  CHECK(ok(sum(1, 2, 3)) == 6);
  CHECK(code_of(sum(-1, 2, 3)) == ErrorCode::invalid_argument);
  CHECK(code_of(sum(1, -2, 3)) == ErrorCode::invalid_argument);
  CHECK(code_of(sum(1, 2, -3)) == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace rz
