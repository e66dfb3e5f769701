#include "rz/cond/unit_literal.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/cond/condition.h"

namespace rz::cond {
namespace {

std::string read_literal(std::string_view text) {
  const auto literal = read_unit_literal(text);
  return literal ? print(*literal) : "none";
}

bool holds(std::string_view condition, double duration) {
  ConditionContext context;
  context.set("duration", duration);
  const auto parsed = parse_condition(condition);
  REQUIRE(parsed.has_value());
  return parsed->evaluate(context).value_or(false);
}

}  // namespace

TEST_CASE("durations are seconds, sizes bytes") {
  CHECK(read_literal("5m") == "300");
  CHECK(read_literal("1h30m") == "5400");
  CHECK(read_literal("1.5s") == "1.5");
  CHECK(read_literal("250ms") == "0.25");
  CHECK(read_literal("1us") == "1e-06");
  CHECK(read_literal("2w") == "1209600");
  CHECK(read_literal("10MiB") == "10485760");
  CHECK(read_literal("1.5kB") == "1500");
  CHECK(read_literal("1TiB") == "1099511627776");
  CHECK(read_literal("5x") == "none");
  CHECK(read_literal("m") == "none");
  CHECK(read_literal("9999999999TiB") == "none");
  CHECK(read_literal("18446744073709551615B") == "none");
}

TEST_CASE("in a condition, wherever a number stands") {
  CHECK(holds("duration > 5m", 301));
  CHECK_FALSE(holds("duration > 5m", 300));
  CHECK(holds("duration in [1h, -1.5s]", -1.5));
  CHECK(holds("-duration == -2m", 120));
  CHECK(holds("duration>=10MiB", 10485760));
  CHECK(holds("duration*2>1h30m", 2701));
}

TEST_CASE("other letters behind a number stay a word of their own") {
  CHECK(holds("duration > 2and duration < 3or duration == 7", 2.5));

  const auto unknown = parse_condition("duration > 5parsecs");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().where == "condition:1:13");
}

}  // namespace rz::cond
