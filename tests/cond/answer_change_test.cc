#include "rz/cond/answer_change.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "random_condition.h"
#include "rz/base/text.h"
#include "rz/cond/lexer.h"
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
        "severity is 0.5, needs more than 1 and less than 2 for true");
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
  CHECK(change("severity * 2 > 3", {1.0}) == "");
  CHECK(change("severity * 2 > ratio", {1.0, 3.0}) == "ratio is 3.0, needs less than 2.0 for true");
  CHECK(change("severity * 2 > 3 or severity > 4", {1.0}) == "severity is 1.0, needs 4 for true");
}

TEST_CASE("in arithmetic 2 and 2.0 may differ, and then neither is told") {
  // 9007199254740993 is no double: times 1.0 it is rounded.
  const std::string text =
      "recurrence_count <= ratio and severity*recurrence_count != 9007199254740993";
  CHECK(change(text, {1e300, 1.0, 9007199254740993_i}) == "");
}

TEST_CASE("what is said holds for every value that the words cover") {
  CHECK(change("severity < 2 or severity > 3", {9_i}) ==
        "severity is 9, needs at least 2 and at most 3 for false");
  CHECK(change("severity < 2 or severity > 3", {2.5}) ==
        "severity is 2.5, needs more than 3 for true");
  CHECK(change("severity > 2 and severity < 4", {9_i}) ==
        "severity is 9, needs more than 2 and less than 4 for true");
  CHECK(change("severity > 2 and severity < 3", {9_i}) ==
        "severity is 9, needs more than 2 and less than 3 for true");
  CHECK(change("severity in [1, 2, 3]", {7_i}) == "severity is 7, needs 3 for true");
  CHECK(change("severity >= 1 and severity != 3", {0_i}) ==
        "severity is 0, needs at least 1 and less than 3 for true");
  // A variable that holds integers alone is told one, if there is any; one that now happens to hold
  // an integer may be any number.
  CHECK(change("not (severity in [4, 5])", {4_i}) == "severity is 4, needs less than 4 for true");
  CHECK(change("not (recurrence_count in [4, 5])", {4_i}) ==
        "recurrence_count is 4, needs at most 3 for true");
  CHECK(change("recurrence_count > 2 and recurrence_count < 4", {9_i}) ==
        "recurrence_count is 9, needs 3 for true");
  CHECK(change("severity > 1", {1_i}) == "severity is 1, needs more than 1 for true");
  // The other value is what it is.
  CHECK(change("severity > ratio", {1.0, 3.5}) == "severity is 1.0, needs more than 3.5 for true");
  CHECK(change("severity > ratio + 1", {1.0, 3.5}) ==
        "severity is 1.0, needs more than 4.5 for true");
  CHECK(change("severity == severity and flag", {1.0, false}) ==
        "flag is false, needs true for true");
  // Where the stretch ends in a value that is missing, so do the words.
  CHECK(change("severity >= 1 and (severity >= 2 or ratio > 0)", {0.0, std::monostate()}) ==
        "severity is 0.0, needs at least 2 for true");
}

namespace {

/// A stretch of numbers, as the words say it.
struct Covered {
  std::optional<ConditionValue> at_least, more_than, at_most, less_than, exactly;
};

ConditionValue read_value(std::string_view text) {
  if (const auto i = parse_int(text)) return *i;
  const auto d = parse_double(text);
  RC_ASSERT(d.has_value());
  return *d;
}

Covered read_words(const std::string& needs) {
  Covered covered;
  const std::size_t both = needs.find(" and ");
  std::vector<std::string> parts = {needs.substr(0, both)};
  if (both != std::string::npos) parts.push_back(needs.substr(both + 5));
  for (const std::string& part : parts) {
    const auto after = [&](std::string_view words, std::optional<ConditionValue>& bound) {
      if (part.starts_with(words)) bound = read_value(std::string_view(part).substr(words.size()));
      return part.starts_with(words);
    };
    if (!after("at least ", covered.at_least) && !after("more than ", covered.more_than) &&
        !after("at most ", covered.at_most) && !after("less than ", covered.less_than)) {
      covered.exactly = read_value(part);
    }
  }
  return covered;
}

long double exact(const ConditionValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? static_cast<long double>(*integer) : std::get<double>(value);
}

bool covers(const Covered& words, const ConditionValue& value) {
  const long double x = exact(value);
  return (!words.at_least || x >= exact(*words.at_least)) &&
         (!words.more_than || x > exact(*words.more_than)) &&
         (!words.at_most || x <= exact(*words.at_most)) &&
         (!words.less_than || x < exact(*words.less_than)) &&
         (!words.exactly || x == exact(*words.exactly));
}

/// Numbers near to `text`'s constants and to the bounds of the words, and far from all of them.
std::vector<ConditionValue> numbers_to_try(const Ast& ast, const Covered& words,
                                           std::span<const ConditionValue> values) {
  std::vector<ConditionValue> centres = {std::int64_t{0}, 0.5, 1e18, -1e18};
  for (const Literal& literal : ast.literals) {
    if (const auto* i = std::get_if<std::int64_t>(&literal)) centres.push_back(*i);
    if (const auto* d = std::get_if<double>(&literal)) centres.push_back(*d);
  }
  for (const auto* bound :
       {&words.at_least, &words.more_than, &words.at_most, &words.less_than, &words.exactly}) {
    if (*bound) centres.push_back(**bound);
  }
  for (const ConditionValue& value : values) {
    const auto* d = std::get_if<double>(&value);
    if (std::holds_alternative<std::int64_t>(value) || (d != nullptr && std::isfinite(*d))) {
      centres.push_back(value);
    }
  }
  std::vector<ConditionValue> numbers;
  for (const ConditionValue& centre : centres) {
    const auto near = static_cast<double>(exact(centre));
    for (const double d : {near, std::nextafter(near, -HUGE_VAL), std::nextafter(near, HUGE_VAL),
                           near - 0.25, near + 0.25, near * 2, near / 2, -near}) {
      if (std::isfinite(d)) numbers.push_back(d);
    }
    for (const std::int64_t step : {-2, -1, 0, 1, 2}) {
      const long double i = std::trunc(exact(centre)) + static_cast<long double>(step);
      if (i >= -0x1p63L && i < 0x1p63L) numbers.push_back(static_cast<std::int64_t>(i));
    }
  }
  for (const double d : {1e308, -1e308, 5e-324, -5e-324, 3.0, 7.5}) numbers.push_back(d);
  for (int i = 0; i < 20; ++i) numbers.push_back(*rc::gen::arbitrary<std::int64_t>());
  return numbers;
}

/// How often something was looked at, over all cases.
struct Counts {
  long cases = 0, changes = 0, values = 0;
};

void check_change(const Ast& ast, std::vector<ConditionValue> values, bool answer,
                  const AnswerChange& change, Counts& counts) {
  const auto named = std::find_if(ast.variables.begin(), ast.variables.end(), [&](const auto& v) {
    return print_name(v.name) == change.variable;
  });
  RC_ASSERT(named != ast.variables.end());
  const auto slot = static_cast<std::size_t>(named - ast.variables.begin());
  ++counts.changes;
  const auto turns = [&](const ConditionValue& value) {
    ++counts.values;
    values[slot] = value;
    const auto other = testing::meaning(ast, values);
    if (change.then.empty()) {
      RC_ASSERT(other.has_value());
      RC_ASSERT(*other != answer);
      RC_ASSERT(*other == change.answer);
    } else {
      RC_ASSERT_FALSE(other.has_value());
      RC_ASSERT(other.error().code == ErrorCode::not_found);
    }
  };
  if (named->type == VariableType::boolean) return turns(change.needs == "true");
  if (named->type == VariableType::string) {
    std::vector<Diagnostic> diagnostics;
    return turns(std::string_view(
        unquote(change.needs, {0, static_cast<std::uint32_t>(change.needs.size())}, diagnostics)));
  }
  const Covered words = read_words(change.needs);
  RC_LOG() << change.variable << " is " << change.is << ", needs " << change.needs << "\n";
  int tried = 0;
  for (const ConditionValue& value : numbers_to_try(ast, words, values)) {
    if (!covers(words, value)) continue;
    RC_LOG() << "with " << to_string(value) << "\n";
    turns(value);
    ++tried;
  }
  RC_ASSERT(tried > 0);
}

}  // namespace

TEST_CASE("random conditions: every value that the words cover turns the answer") {
  Counts counts;
  CHECK(rc::check([&] {
    // Many values for each condition: those that leave an answer are few where numbers are extreme.
    const std::string text = testing::random_condition();
    std::vector<Diagnostic> diagnostics;
    const Ast ast = parse(text, testing::wide_options(), diagnostics);
    RC_ASSERT(diagnostics.empty());
    for (int i = 0; i < 200; ++i) {
      const auto values = testing::random_values(ast.variables);
      const auto answer = testing::meaning(ast, values);
      if (!answer) continue;
      ++counts.cases;
      RC_LOG() << text << "\n";
      const auto change = find_answer_change(ast, values, *answer);
      if (change) check_change(ast, values, *answer, *change, counts);
    }
  }));
  MESSAGE(counts.cases << " answers, " << counts.changes << " changes, " << counts.values
                       << " values that they cover");
  CHECK(counts.changes > 0);
}

}  // namespace rz::cond
