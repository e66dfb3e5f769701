#include "rz/cond/evaluator.h"

#include <doctest/doctest.h>

#include <limits>

#include "random_condition.h"

namespace rz::cond {
namespace {

std::string failure(const std::string& text, const ConditionContext& context) {
  const auto condition = parse_condition(text, testing::wide_options());
  REQUIRE(condition.has_value());
  const auto result = condition->evaluate(context);
  REQUIRE(!result.has_value());
  return std::string(to_string(result.error().code)) + " " + to_string(result.error());
}

ConditionContext with(std::string name, ConditionContext::Stored value) {
  ConditionContext context;
  context.set(std::move(name), std::move(value));
  return context;
}

}  // namespace

TEST_CASE("an evaluation that fails says what, where and why") {
  CHECK(failure("1 > 2 or severity > 1", {}) ==
        "not_found condition:1:10: variable 'severity' has no value\n"
        "  1 > 2 or severity > 1\n"
        "           ^~~~~~~~");
  CHECK(failure("severity > 1", with("severity", std::string("high"))) ==
        "invalid_argument condition:1:1: variable 'severity' is a number, but its value is a "
        "string\n"
        "  severity > 1\n"
        "  ^~~~~~~~");
  CHECK(failure("recurrence_count > 1", with("recurrence_count", true)) ==
        "invalid_argument condition:1:1: variable 'recurrence_count' is an integer, but its value "
        "is true or false\n"
        "  recurrence_count > 1\n"
        "  ^~~~~~~~~~~~~~~~");
  CHECK(failure("not flag", with("flag", std::int64_t{1})) ==
        "invalid_argument condition:1:5: variable 'flag' is true or false, but its value is a "
        "number\n"
        "  not flag\n"
        "      ^~~~");
  CHECK(failure("severity > 1", with("severity", std::numeric_limits<double>::infinity())) ==
        "invalid_argument condition:1:1: the value of 'severity' is not finite\n"
        "  severity > 1\n"
        "  ^~~~~~~~");
  CHECK(failure("1 / severity > 1", with("severity", std::int64_t{0})) ==
        "invalid_argument condition:1:1: division by zero\n"
        "  1 / severity > 1\n"
        "  ^~~~~~~~~~~~");
  CHECK(failure("severity + 1 > 1", with("severity", std::int64_t{9223372036854775807})) ==
        "invalid_argument condition:1:1: the result does not fit into 64 bits\n"
        "  severity + 1 > 1\n"
        "  ^~~~~~~~~~~~");
  CHECK(failure("severity * 2 > 1", with("severity", 1e308)) ==
        "invalid_argument condition:1:1: the result is not finite\n"
        "  severity * 2 > 1\n"
        "  ^~~~~~~~~~~~");
}

TEST_CASE("the first failure is the one that is told") {
  CHECK(failure("severity > ratio", {}).find("'severity' has no value") != std::string::npos);
  CHECK(failure("name in ['b', 'c', name] and flag", with("flag", true)).find("'name'") !=
        std::string::npos);
}

}  // namespace rz::cond
