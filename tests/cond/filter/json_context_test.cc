#include "rz/cond/filter/json_context.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/results.h"

namespace rz::cond {
namespace {

const std::vector<Variable> kPathVariables = {
    {"n", VariableType::integer}, {"a.b", VariableType::number}, {"s", VariableType::string}};

TEST_CASE("variables come from an object of several lines, also by a path") {
  ConditionContext context;
  REQUIRE(ok(set_variables_from_json(
      context, kPathVariables,
      "\xEF\xBB\xBF {\n \"n\": 3,\n \"a\": {\"b\": 1.5},\n \"s\": \"x\"}\n", "file")));
  CHECK(context.get("n") == ConditionValue(std::int64_t{3}));
  CHECK(context.get("a.b") == ConditionValue(1.5));
  CHECK(context.get("s") == ConditionValue(std::string_view("x")));
}

TEST_CASE("what is no JSON object sets nothing; it may be one of YAML") {
  ConditionContext context;
  for (const char* text : {"", "n: 3", "[1]", "{n: 3}", "{\"n\": 3"}) {
    CAPTURE(text);
    CHECK_FALSE(ok(set_variables_from_json(context, kPathVariables, text, "file")));
  }
  CHECK(context.values().empty());
}

TEST_CASE("a value of another type is an error with its line and column") {
  ConditionContext context;
  const auto done =
      set_variables_from_json(context, kPathVariables, "{\"s\": \"x\",\n  \"n\": \"x\"}", "file");
  REQUIRE(code_of(done) == ErrorCode::invalid_argument);
  CHECK(done.error().where == "file:2:8");
  CHECK(context.values().empty());
}

}  // namespace
}  // namespace rz::cond
