#include "rz/cond/compiled_condition.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "random_condition.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

CompiledCondition compile(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  Ast ast = parse(text, testing::wide_options(), diagnostics);
  REQUIRE(diagnostics.empty());
  return CompiledCondition(text, std::move(ast));
}

/// `true`, `false`, or the name of the error's code.
std::string outcome(const Result<bool>& result) {
  if (!result) return to_string(result.error().code);
  return *result ? "true" : "false";
}

std::string answer(const std::string& text, const ConditionValue& value) {
  return outcome(compile(text).evaluate(std::span(&value, 1)));
}

}  // namespace

TEST_CASE("a compiled condition answers as its tree means") {
  CHECK(rc::check([] {
    const std::string text = testing::random_condition();
    RC_LOG() << text << "\n";
    const CompiledCondition program = compile(text);
    for (int i = 0; i < 10; ++i) {
      const auto values = testing::random_values(program.ast().variables);
      for (const auto& value : values) RC_LOG() << to_string(value) << " ";
      const auto got = program.evaluate(values);
      const auto meant = testing::meaning(program.ast(), values);
      RC_ASSERT(outcome(got) == outcome(meant));
    }
  }));
}

TEST_CASE("a variable against a constant, around every edge of both types") {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::vector<ConditionValue> values;
  for (std::int64_t i : {kMin, kMin + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                         std::int64_t{9007199254740992}, std::int64_t{9007199254740993},
                         std::int64_t{9007199254740994}, kMax - 1, kMax}) {
    values.emplace_back(i);
  }
  for (double d :
       {-HUGE_VAL, -1.7976931348623157e308, -9223372036854777856.0, -9223372036854775808.0, -1.0,
        -0.5, -0.0, 0.0, 5e-324, 0.5, 1.0, 9007199254740991.0, 9007199254740992.0,
        9007199254740994.0, 9223372036854774784.0, 9223372036854775808.0, 1.7976931348623157e308}) {
    values.emplace_back(d);
  }
  int compared = 0;
  for (const char* constant : {"-9223372036854775808",
                               "-9223372036854775807",
                               "-1",
                               "0",
                               "1",
                               "9007199254740992",
                               "9007199254740993",
                               "9007199254740994",
                               "9223372036854775807",
                               "-1.7976931348623157e308",
                               "-9223372036854777856.0",
                               "-9223372036854775808.0",
                               "-0.5",
                               "-0.0",
                               "0.0",
                               "0.5",
                               "5e-324",
                               "9007199254740993.0",
                               "9223372036854774784.0",
                               "9223372036854775808.0",
                               "1.7976931348623157e308"}) {
    for (const char* op : {"<", "<=", ">", ">=", "==", "!="}) {
      const std::string right = std::string("severity ") + op + " " + constant;
      const std::string left = std::string(constant) + " " + op + " severity";
      for (const std::string& text : {right, left}) {
        const CompiledCondition program = compile(text);
        for (const ConditionValue& value : values) {
          INFO(text << " with " << to_string(value));
          const auto span = std::span(&value, 1);
          CHECK(outcome(program.evaluate(span)) == outcome(testing::meaning(program.ast(), span)));
          ++compared;
        }
      }
    }
  }
  CHECK(compared == 21 * 6 * 2 * 27);
}

TEST_CASE("what short-circuits is not looked at") {
  CHECK(answer("severity > 1 or ratio > 1", 2.0) == "true");
  CHECK(answer("severity > 1 and ratio > 1", 1.0) == "false");
  CHECK(answer("severity > 1 or 1 / 0 > 1", 2.0) == "true");
  CHECK(answer("severity in [2, 1 / 0]", 2.0) == "true");
  CHECK(answer("severity > 1 and ratio > 1", 2.0) == "not_found");
  CHECK(answer("not (severity > 1 and ratio > 1)", 0.5) == "true");
  CHECK(answer("true or severity > 1", std::monostate()) == "true");
}

TEST_CASE("values of the wrong type or none") {
  CHECK(answer("severity > 1", std::monostate()) == "not_found");
  CHECK(answer("severity > 1", true) == "invalid_argument");
  CHECK(answer("severity > 1", std::string_view("2")) == "invalid_argument");
  CHECK(answer("severity > 1", HUGE_VAL) == "invalid_argument");
  CHECK(answer("severity != 1", std::nan("")) == "invalid_argument");
  CHECK(answer("flag", std::int64_t{1}) == "invalid_argument");
  CHECK(answer("name == 'a'", std::int64_t{1}) == "invalid_argument");
  // The old system took a double wherever it took an integer.
  CHECK(answer("recurrence_count > 1", 1.5) == "true");
  CHECK(outcome(compile("severity > 1").evaluate({})) == "not_found");
}

}  // namespace rz::cond
