#include "rz/cond/explain.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "random_condition.h"

namespace rz {
namespace {

using State = ExplainedPart::State;

Explanation explained(const std::string& text, const ConditionContext& context) {
  const auto condition = parse_condition(text, cond::testing::wide_options());
  REQUIRE(condition.has_value());
  return explain(*condition, context);
}

ConditionContext values(double severity, std::int64_t count) {
  ConditionContext context;
  context.set("severity", severity);
  context.set("recurrence_count", count);
  return context;
}

}  // namespace

TEST_CASE("the operand that decides, and those that were not looked at") {
  const auto e = explained("severity >= 0.8 and recurrence_count >= 2 and flag", values(0.75, 3));
  CHECK(e.root.text == "severity >= 0.8 and recurrence_count >= 2 and flag");
  CHECK(e.root.operation == "and");
  CHECK(e.root.state == State::answered);
  CHECK_FALSE(e.root.answer);
  REQUIRE(e.root.parts.size() == 3);
  CHECK(e.root.parts[0].text == "severity >= 0.8");
  CHECK(e.root.parts[0].decides);
  REQUIRE(e.root.parts[0].operands.size() == 1);
  CHECK(e.root.parts[0].operands[0].text == "severity");
  CHECK(e.root.parts[0].operands[0].value == "0.75");
  CHECK(e.root.parts[1].state == State::skipped);
  CHECK(e.root.parts[2].text == "flag");
  CHECK(e.root.parts[2].state == State::skipped);
  CHECK_FALSE(e.error.has_value());
}

TEST_CASE("where all operands are needed, none decides") {
  const auto e = explained("severity >= 0.8 and recurrence_count >= 2", values(0.9, 3));
  CHECK(e.root.answer);
  CHECK_FALSE(e.root.parts[0].decides);
  CHECK_FALSE(e.root.parts[1].decides);
}

TEST_CASE("operations inside of operations") {
  const auto e = explained("not (severity > 1 or recurrence_count > 1)", values(0.5, 3));
  CHECK(e.root.operation == "not");
  CHECK_FALSE(e.root.answer);
  REQUIRE(e.root.parts.size() == 1);
  const ExplainedPart& either = e.root.parts[0];
  CHECK(either.operation == "or");
  CHECK(either.answer);
  CHECK_FALSE(either.parts[0].answer);
  CHECK_FALSE(either.parts[0].decides);
  CHECK(either.parts[1].decides);
}

TEST_CASE("sums are shown with what they came to") {
  const auto e = explained("severity * 2 + severity > recurrence_count", values(0.5, 3));
  REQUIRE(e.root.operands.size() == 3);
  CHECK(e.root.operands[0].text == "severity");
  CHECK(e.root.operands[1].text == "recurrence_count");
  CHECK(e.root.operands[2].text == "severity * 2 + severity");
  CHECK(e.root.operands[2].value == "1.5");
}

TEST_CASE("an evaluation that fails is explained up to there") {
  const auto e = explained("severity > 1 or ratio > 1 or flag", values(0.5, 3));
  CHECK(e.root.state == State::failed);
  REQUIRE(e.root.parts.size() == 3);
  CHECK(e.root.parts[0].state == State::answered);
  CHECK(e.root.parts[1].state == State::failed);
  CHECK(e.root.parts[1].operands[0].value == "missing");
  CHECK(e.root.parts[2].state == State::skipped);
  REQUIRE(e.error.has_value());
  CHECK(e.error->code == ErrorCode::not_found);
  CHECK(e.error->where == "condition:1:17");
  CHECK_FALSE(e.change.has_value());
}

TEST_CASE("who takes a missing value for false gets an answer, and why it is that") {
  const auto missing =
      with_missing_as_false(explained("severity > 1 or ratio > 1 or flag", values(0.5, 3)));
  CHECK(missing.root.state == State::answered);
  CHECK_FALSE(missing.root.answer);
  CHECK(missing.root.parts[1].state == State::failed);
  CHECK_FALSE(missing.error.has_value());
  REQUIRE(missing.missing.has_value());
  CHECK(missing.missing->code == ErrorCode::not_found);
  // An answer stays, and so does any other error.
  const auto answered = with_missing_as_false(explained("severity > 0.1", values(0.5, 3)));
  CHECK(answered.root.answer);
  CHECK_FALSE(answered.missing.has_value());
  const auto failed = with_missing_as_false(explained("1 / severity > 1", values(0, 3)));
  CHECK(failed.root.state == State::failed);
  CHECK(failed.error.has_value());
  CHECK_FALSE(failed.missing.has_value());
}

TEST_CASE("an explanation answers and fails as the evaluation does") {
  CHECK(rc::check([] {
    const std::string text = cond::testing::random_condition();
    RC_LOG() << text << "\n";
    const auto condition = parse_condition(text, cond::testing::wide_options());
    const auto random = cond::testing::random_values(condition->variables());
    ConditionContext context;
    for (std::size_t i = 0; i < random.size(); ++i) {
      const std::string& name = condition->variables()[i].name;
      if (const auto* s = std::get_if<std::string_view>(&random[i])) {
        context.set(name, std::string(*s));
      } else if (const auto* b = std::get_if<bool>(&random[i])) {
        context.set(name, *b);
      } else if (const auto* n = std::get_if<std::int64_t>(&random[i])) {
        context.set(name, *n);
      } else if (const auto* d = std::get_if<double>(&random[i])) {
        context.set(name, *d);
      }
    }
    const auto answer = condition->evaluate(context);
    const Explanation e = explain(*condition, context);
    RC_ASSERT((e.root.state == State::answered) == answer.has_value());
    if (answer) {
      RC_ASSERT(e.root.answer == *answer);
    } else {
      RC_ASSERT(e.error == answer.error());
    }
  }));
}

}  // namespace rz
