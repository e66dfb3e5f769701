#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <vector>

#include "random_condition.h"
#include "rz/cond/compiled_condition.h"
#include "rz/cond/evaluator.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

using Doubles = std::vector<double>;
using Integers = std::vector<std::int64_t>;

const ConditionOptions kColumnOptions{{{"x", VariableType::number},
                                       {"y", VariableType::number},
                                       {"n", VariableType::integer},
                                       {"host", VariableType::string}},
                                      50};

Condition parsed(std::string_view text) {
  auto condition = parse_condition(text, kColumnOptions);
  REQUIRE(condition.has_value());
  return *condition;
}

bool bit(const std::vector<std::uint64_t>& words, std::size_t i) {
  return (words[i / 64] >> (i % 64) & 1) != 0;
}

std::string random_test() {
  const std::string variable = *rc::gen::element<std::string>("x", "y", "n");
  const std::string operation = *rc::gen::element<std::string>("==", "!=", "<", "<=", ">", ">=");
  const std::string constant = *rc::gen::element<std::string>(
      "0", "1", "-1", "0.5", "9007199254740992", "9007199254740993", "9007199254740992.0",
      "9223372036854775807", "-9223372036854775808", "1e300", "9223372036854775808.0");
  // Now and then what no vector instruction can do.
  if (*rc::gen::inRange(0, 12) == 0) return "x + 1 " + operation + " " + constant;
  if (*rc::gen::inRange(0, 12) == 0) return "true";
  return *rc::gen::arbitrary<bool>() ? variable + " " + operation + " " + constant
                                     : constant + " " + operation + " " + variable;
}

std::string random_numeric_condition() {
  std::string text = random_test();
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    const std::string next = (*rc::gen::inRange(0, 4) == 0 ? "not " : "") + random_test();
    text = "(" + text + ")" + *rc::gen::element<std::string>(" and ", " or ") + "(" + next + ")";
  }
  return text;
}

double random_double() {
  return *rc::gen::element(0.0, -0.0, 0.5, 1.0, -1.0, 1e300, -1e300, 9007199254740992.0,
                           9223372036854775808.0, -9223372036854775808.0, 5e-324);
}

std::int64_t random_integer() {
  return *rc::gen::element<std::int64_t>(0, 1, -1, 9007199254740992, 9007199254740993, INT64_MAX,
                                         INT64_MIN, 2);
}

}  // namespace

TEST_CASE("columns, the compiled program and the tree answer the same") {
  CHECK(rc::check([] {
    const std::string text = random_numeric_condition();
    RC_LOG() << text << "\n";
    std::vector<Diagnostic> diagnostics;
    const Ast ast = parse(text, kColumnOptions, diagnostics);
    RC_ASSERT(diagnostics.empty());
    const auto condition = parse_condition(text, kColumnOptions);
    const auto rows =
        static_cast<std::size_t>(*rc::gen::element(0, 1, 63, 64, 65, 511, 512, 513, 700));

    // A variable of any numeric type takes a column of either.
    std::vector<Doubles> doubles(ast.variables.size());
    std::vector<Integers> integers(ast.variables.size());
    std::vector<ConditionColumn> columns;
    for (std::size_t c = 0; c < ast.variables.size(); ++c) {
      for (std::size_t i = 0; i < 16; ++i) {
        doubles[c].push_back(random_double());
        integers[c].push_back(random_integer());
      }
      for (std::size_t i = 16; i < rows; ++i) {
        doubles[c].push_back(doubles[c][(i * (7 + c)) % 16]);
        integers[c].push_back(integers[c][(i * (5 + c)) % 16]);
      }
      if (*rc::gen::arbitrary<bool>()) {
        columns.emplace_back(std::span<const double>(doubles[c]));
      } else {
        columns.emplace_back(std::span<const std::int64_t>(integers[c]));
      }
    }
    if (rows > 0 && !doubles.empty() && *rc::gen::inRange(0, 8) == 0) {
      doubles[0][static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(rows)))] = HUGE_VAL;
    }

    std::vector<std::uint64_t> answers((rows + 63) / 64, ~std::uint64_t{0});
    const auto done = condition->evaluate(columns, rows, answers);
    for (std::size_t i = 0; i < rows; ++i) {
      std::vector<ConditionValue> values;
      for (const ConditionColumn& column : columns) {
        values.push_back(
            std::visit([i](const auto& span) { return ConditionValue(span[i]); }, column));
      }
      const auto single = condition->evaluate(values);
      Evaluator tree(ast, values);
      const Scalar scalar = tree.value(ast.root);
      RC_ASSERT(single.has_value() == !tree.failed());
      if (!single) {
        RC_ASSERT(!done.has_value());
        RC_ASSERT(done.error().where == single.error().where + " (row " + std::to_string(i) + ")");
        return;
      }
      RC_ASSERT(*single == std::get<bool>(scalar));
      if (done) RC_ASSERT(bit(answers, i) == *single);
    }
    RC_ASSERT(done.has_value());
    if (rows % 64 != 0) RC_ASSERT(answers.back() >> (rows % 64) == 0u);
  }));
}

TEST_CASE("what short-circuits cannot fail, in columns either") {
  const Doubles x = {1, 2, HUGE_VAL};
  const Integers n = {5, 0, 7};
  const std::vector<ConditionColumn> columns = {std::span<const std::int64_t>(n),
                                                std::span<const double>(x)};
  std::vector<std::uint64_t> answers(1);
  REQUIRE(parsed("n > 6 or x >= 2").evaluate(columns, 3, answers).has_value());
  CHECK(answers[0] == 0b110);
  const auto failed = parsed("n > 7 or x >= 2").evaluate(columns, 3, answers);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == ErrorCode::invalid_argument);
  CHECK(failed.error().where == "condition:1:10 (row 2)");
}

TEST_CASE("columns that do not fit") {
  const Doubles x = {1, 2};
  const std::vector<ConditionColumn> one = {std::span<const double>(x)};
  std::vector<std::uint64_t> answers(1);
  const auto message = [&](std::string_view text, std::size_t rows) {
    const auto done = parsed(text).evaluate(one, rows, answers);
    return done ? std::string("done") : done.error().message;
  };
  CHECK(message("x > 1", 2) == "done");
  CHECK(message("x > 1", 3) == "the column of 'x' has fewer than 3 values");
  CHECK(message("x > 1", 65) == "no room for the answers");
  CHECK(message("x > 1 or y > 1", 2) == "expected 2 columns, got 1");
  CHECK(message("host == \"a\"", 2) == "columns hold numbers; 'host' is of another type");
  CHECK(parsed("always").evaluate(std::span<const ConditionColumn>(), 2, answers).has_value());
  CHECK(answers[0] == 0b11);
}

}  // namespace rz::cond
