#include "rz/cond/answer_change.h"

#include <doctest/doctest.h>

#include "random_condition.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

/// `severity is 0.75, needs at least 0.8 for true`, or "" if nothing was found. `values` in order
/// of first use.
std::string change(const std::string& text, const std::vector<ConditionValue>& values) {
  std::vector<Diagnostic> diagnostics;
  const Ast ast = parse(text, testing::wide_options(), diagnostics);
  REQUIRE(diagnostics.empty());
  const auto answer = testing::meaning(ast, values);
  REQUIRE(answer.has_value());
  const auto found = find_answer_change(ast, values, *answer);
  if (!found) return "";
  CHECK(found->answer != *answer);
  return found->variable + " is " + found->is + ", needs " + found->needs + " for " +
         (found->answer ? "true" : "false") + (found->then.empty() ? "" : ", then " + found->then);
}

constexpr std::int64_t operator""_i(unsigned long long value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

TEST_CASE("what a single value would have to be") {
  CHECK(change("severity >= 0.8", {0.75}) == "severity is 0.75, needs at least 0.8 for true");
  CHECK(change("severity > 0.8", {0.75}) == "severity is 0.75, needs more than 0.8 for true");
  CHECK(change("severity >= 0.8", {0.9}) == "severity is 0.9, needs less than 0.8 for false");
  CHECK(change("severity > 0.8", {0.9}) == "severity is 0.9, needs at most 0.8 for false");
  CHECK(change("severity <= 0.8", {0.9}) == "severity is 0.9, needs at most 0.8 for true");
  CHECK(change("recurrence_count > 2", {1_i}) ==
        "recurrence_count is 1, needs at least 3 for true");
  CHECK(change("recurrence_count >= 2", {3_i}) ==
        "recurrence_count is 3, needs at most 1 for false");
  CHECK(change("recurrence_count == 2", {7_i}) == "recurrence_count is 7, needs 2 for true");
  CHECK(change("not flag", {true}) == "flag is true, needs false for true");
  CHECK(change("name == 'high'", {std::string_view("low")}) ==
        "name is \"low\", needs \"high\" for true");
  CHECK(change("name == 'high'", {std::string_view("high")}) == "");
}

TEST_CASE("of several changes the smallest, relative to the values") {
  CHECK(change("severity >= 0.8 or recurrence_count >= 2", {0.75, 1_i}) ==
        "severity is 0.75, needs at least 0.8 for true");
  CHECK(change("severity >= 0.8 or recurrence_count >= 10", {0.1, 9_i}) ==
        "recurrence_count is 9, needs at least 10 for true");
  CHECK(change("severity > 1 and severity < 2 or severity > 5", {0.5}) ==
        "severity is 0.5, needs more than 1 for true");
}

TEST_CASE("nothing, where no value alone makes a difference") {
  CHECK(change("severity >= 0.8 and ratio >= 0.8", {0.1, 0.1}) == "");
  CHECK(change("true", {}) == "");
  CHECK(change("severity > 1 and severity < 0", {0.5}) == "");
}

TEST_CASE("where the change leads to a value that is missing, that is told") {
  CHECK(change("severity >= 0.8 and ratio > 1", {0.75, std::monostate()}) ==
        "severity is 0.75, needs at least 0.8 for true, then ratio");
  CHECK(change("severity < 0.8 or ratio > 1", {0.75, std::monostate()}) ==
        "severity is 0.75, needs at least 0.8 for false, then ratio");
  // What is certain comes first, also where it is farther.
  CHECK(change("severity >= 2 or severity >= 0.8 and ratio > 1", {0.75, std::monostate()}) ==
        "severity is 0.75, needs at least 2 for true");
}

TEST_CASE("in arithmetic what was tried and found is told") {
  CHECK(change("severity * 2 > ratio", {1.0, 3.0}) == "");
  CHECK(change("severity * 2 > 3 or severity > 4", {1.0}) ==
        "severity is 1.0, needs at least 4 for true");
}

}  // namespace rz::cond
