#include "rz/health/judging/value_condition.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

TextProblems problems_of(const std::string& text) {
  return check_value_condition(text, [](VariableType value) {
    return ConditionOptions{.variables = {{"value", value}}};
  });
}

TEST_CASE("a condition is right if it is so for a value of one type, and odd if it is for all") {
  for (const char* right : {"value == \"down\"", "value != \"x\"", "value == true", "value > 3",
                            "value in [\"a\", \"b\"]"}) {
    CAPTURE(right);
    CHECK(problems_of(right).errors.empty());
    CHECK(problems_of(right).doubts.empty());
  }
  for (const char* odd : {"value > 3 and value < 2", "value == 1 or true"}) {
    CAPTURE(odd);
    CHECK(problems_of(odd).errors.empty());
    CHECK_FALSE(problems_of(odd).doubts.empty());
  }
  CHECK_FALSE(problems_of("vlue > 3").errors.empty());
  CHECK_FALSE(problems_of("value >").errors.empty());
}

}  // namespace
}  // namespace rz::health
