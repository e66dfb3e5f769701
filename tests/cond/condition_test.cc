#include "rz/cond/condition.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "support/print.h"

namespace {

// Counted by the operators below; a program of tests that has them needs no other instrument.
thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace rz {
namespace {

std::string shown(const Result<bool>& result) {
  if (!result) return to_string(result.error());
  return *result ? "true" : "false";
}

ConditionOptions typed() {
  return {{{"severity", VariableType::number},
           {"name", VariableType::string},
           {"flag", VariableType::boolean}},
          50};
}

}  // namespace

TEST_CASE("a condition holds, and holds no longer once a value has changed") {
  const auto condition = parse_condition("severity >= 0.8 and recurrence_count >= 2");
  REQUIRE(condition.has_value());
  ConditionContext context;
  context.set("severity", 0.9);
  context.set("recurrence_count", std::int64_t{3});
  CHECK(shown(evaluate(*condition, context)) == "true");
  context.set("recurrence_count", std::int64_t{1});
  CHECK(shown(evaluate(*condition, context)) == "false");
}

TEST_CASE("variables come in order of first use, each once") {
  const auto condition = parse_condition("step > 1 or severity > step and duration > severity");
  REQUIRE(condition.has_value());
  const auto variables = condition->variables();
  REQUIRE(variables.size() == 3);
  CHECK(variables[0] == Variable{"step", VariableType::integer});
  CHECK(variables[1] == Variable{"severity", VariableType::number});
  CHECK(variables[2] == Variable{"duration", VariableType::number});
  CHECK(condition->text() == "step > 1 or severity > step and duration > severity");
  const ConditionValue values[] = {std::int64_t{0}, 0.5, 0.7};
  CHECK(shown(condition->evaluate(values)) == "true");
}

TEST_CASE("a context keeps the last value of a name") {
  ConditionContext context;
  context.set("a", std::int64_t{1});
  context.set("b", std::string("text"));
  context.set("a", 2.5);
  CHECK(context.values().size() == 2);
  CHECK(context.get("a") == ConditionValue(2.5));
  CHECK(context.get("b") == ConditionValue(std::string_view("text")));
  CHECK(context.get("c") == ConditionValue());
  context.set("a", std::monostate());
  CHECK(context.get("a") == ConditionValue());
}

TEST_CASE("a value as text") {
  CHECK(to_string(ConditionValue(std::int64_t{-3})) == "-3");
  CHECK(to_string(ConditionValue(2.0)) == "2.0");
  CHECK(to_string(ConditionValue(0.1)) == "0.1");
  CHECK(to_string(ConditionValue(true)) == "true");
  CHECK(to_string(ConditionValue(std::string_view("a\"b\n"))) == R"("a\"b\n")");
  CHECK(to_string(ConditionValue()) == "missing");
}

TEST_CASE("the whitelist is the caller's") {
  CHECK(parse_condition("flag and name == 'a'", typed()).has_value());
  CHECK_FALSE(parse_condition("step > 1", typed()).has_value());
  CHECK_FALSE(parse_condition("true", {{}, 0}).has_value());
  CHECK(parse_condition("always", {{}, 1}).has_value());
}

TEST_CASE("check_condition tells everything at once") {
  CHECK(check_condition("severity > 1").empty());
  const auto errors = check_condition("severty > 1 and duraton > 2 and step > 'a'");
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].where == "condition:1:1");
  CHECK(errors[1].where == "condition:1:17");
  CHECK(errors[2].where == "condition:1:33");
  CHECK(errors[0].message.starts_with("unknown variable 'severty'"));
  CHECK(errors[1].message.starts_with("unknown variable 'duraton'"));
  CHECK(errors[2].message.starts_with("'>' cannot order a number and a string"));
}

TEST_CASE("lint_condition warns of what parses, and only of that") {
  CHECK(lint_condition("severity > 1").empty());
  CHECK(lint_condition("severty > 1 and severty < 0").empty());
  const auto warnings = lint_condition("severity > 1 and severity < 0");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].where == "condition:1:1");
}

TEST_CASE("an evaluation does not allocate") {
  const auto condition = parse_condition(
      "not (severity * 2 + 1 > 3 or name in ['a', 'a string too long for any small buffer']) and "
      "(flag or severity / 3 == 1)",
      typed());
  REQUIRE(condition.has_value());
  ConditionContext context;
  context.set("severity", std::int64_t{1});
  context.set("name", std::string("another string too long for any small buffer"));
  context.set("flag", true);
  const std::size_t before = allocations;
  const auto result = condition->evaluate(context);
  CHECK(allocations == before);
  CHECK(shown(result) == "true");
}

TEST_CASE("a condition outlives its text and is shared by its copies") {
  auto parsed = parse_condition(std::string("severity > 1"));
  REQUIRE(parsed.has_value());
  const Condition copy = *parsed;
  parsed = parse_condition("severity > 2");
  const ConditionValue value = 1.5;
  CHECK(shown(copy.evaluate(std::span(&value, 1))) == "true");
  CHECK(shown(parsed->evaluate(std::span(&value, 1))) == "false");
}

}  // namespace rz
