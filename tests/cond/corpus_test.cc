// 2,000 expressions of the old system, each with a context and what that system answered.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/base/json.h"
#include "rz/cond/condition.h"
#include "support/paths.h"

namespace rz {
namespace {

ConditionContext context_of(const Value& object) {
  ConditionContext context;
  for (const auto& [name, value] : *object.as_object()) {
    if (const auto* i = value.as_int()) {
      context.set(name, *i);
    } else {
      REQUIRE(value.as_double() != nullptr);
      context.set(name, *value.as_double());
    }
  }
  return context;
}

std::string answer_in(const std::string& expression, const ConditionContext& context) {
  const auto condition = parse_condition(expression);
  if (!condition) return "error";
  const auto result = condition->evaluate(context);
  if (!result) return "error";
  return *result ? "true" : "false";
}

}  // namespace

TEST_CASE("every expression of the old system means what it meant") {
  std::ifstream in(test::source_dir() + "/tests/cond/conditions.ndjson");
  std::string line;
  int count = 0;
  while (std::getline(in, line)) {
    const auto record = parse_json(line);
    REQUIRE(record.has_value());
    const std::string& expression = *record->find("expr")->as_string();
    const Value& expected = *record->find("expect");
    const bool* truth = expected.as_bool();
    ++count;
    INFO("line " << count << ": " << line);
    CHECK(answer_in(expression, context_of(*record->find("context"))) ==
          (truth == nullptr ? *expected.as_string()
           : *truth         ? "true"
                            : "false"));
  }
  CHECK(count == 2000);
}

}  // namespace rz
