#include "rz/base/result.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace rz {
namespace {

TEST_CASE("every code has the name that it has in the source") {
  const std::pair<ErrorCode, std::string> names[] = {
      {ErrorCode::invalid_argument, "invalid_argument"},
      {ErrorCode::parse, "parse"},
      {ErrorCode::config, "config"},
      {ErrorCode::not_found, "not_found"},
      {ErrorCode::unavailable, "unavailable"},
      {ErrorCode::timeout, "timeout"},
      {ErrorCode::unsupported, "unsupported"},
      {ErrorCode::auth, "auth"},
      {ErrorCode::conflict, "conflict"},
      {ErrorCode::corrupt, "corrupt"},
      {ErrorCode::internal, "internal"}};
  for (const auto& [code, name] : names) CHECK(to_string(code) == name);
  CHECK(to_string(static_cast<ErrorCode>(99)) == std::string("internal"));
}

TEST_CASE("an error is told with its place, if it has one") {
  CHECK(to_string(Error{ErrorCode::parse, "no number", "a.yaml:3:7"}) == "a.yaml:3:7: no number");
  CHECK(to_string(Error{ErrorCode::parse, "no number", ""}) == "no number");
}

TEST_CASE("a failure keeps code, message and place, also when it is passed on") {
  const auto inner = []() -> Result<int> { return fail(ErrorCode::timeout, "too slow", "db"); };
  const auto outer = [&]() -> Result<std::string> {
    auto result = inner();
    if (!result) return fail(std::move(result).error());
    return "never";
  };
  REQUIRE_FALSE(outer().has_value());
  CHECK(outer().error() == Error{ErrorCode::timeout, "too slow", "db"});
}

TEST_CASE("a copy of a false result is false, whether the source is const or not") {
  Result<bool> no = false;
  Result<bool> copy = no;
  const Result<bool> const_no = false;
  Result<bool> const_copy = const_no;
  Result<bool> assigned = true;
  assigned = no;
  CHECK_FALSE(*copy);
  CHECK_FALSE(*const_copy);
  CHECK_FALSE(*assigned);

  Result<bool> failed = fail(ErrorCode::internal, "x");
  Result<bool> failed_copy = failed;
  CHECK_FALSE(failed_copy.has_value());
}

TEST_CASE("a value that can only be moved is moved out") {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  auto result = make();
  const std::unique_ptr<int> value = *std::move(result);
  CHECK(*value == 7);
}

}  // namespace
}  // namespace rz
