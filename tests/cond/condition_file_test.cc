#include "rz/cond/condition_file.h"

#include <doctest/doctest.h>

namespace rz::cond {
namespace {

ConditionFileReport check(std::string_view text) { return check_condition_file(text, "f", {}); }

}  // namespace

TEST_CASE("a file of good conditions, comments and blank lines") {
  const auto report = check(
      "# alerts\n"
      "\n"
      "severity >= 0.8\r\n"
      "  \t\n"
      "  step > 1   # late\n"
      "severity == '# no comment' or severity == \"\\\"#\"\n"
      "always");
  CHECK(report.conditions == 4);
  CHECK(report.bad == 0);
  CHECK(report.errors.empty());
}

TEST_CASE("every error of every line is told, with its place in the file") {
  const auto report = check(
      "severity >= 0.8\n"
      "# a comment\n"
      "  severty > 1 and sevrity > 2  # twice\n"
      "severity == 'a # b\r\n"
      "severity >");
  CHECK(report.conditions == 4);
  CHECK(report.bad == 3);
  REQUIRE(report.errors.size() == 4);
  CHECK(to_string(report.errors[0]) ==
        "f:3:3: unknown variable 'severty'; did you mean 'severity'?\n"
        "    severty > 1 and sevrity > 2\n"
        "    ^~~~~~~");
  CHECK(to_string(report.errors[1]) ==
        "f:3:19: unknown variable 'sevrity'; did you mean 'severity'?\n"
        "    severty > 1 and sevrity > 2\n"
        "                    ^~~~~~~");
  CHECK(to_string(report.errors[2]) ==
        "f:4:13: the string is not closed; a ' is missing\n"
        "  severity == 'a # b\n"
        "              ^~~~~~");
  CHECK(to_string(report.errors[3]) ==
        "f:5:11: expected a value, got the end\n"
        "  severity >\n"
        "            ^");
}

TEST_CASE("warnings of a file have their place, and are not errors") {
  const auto report = check("step > 1\n\nstep > 1 or step < 2\n");
  CHECK(report.bad == 0);
  REQUIRE(report.warnings.size() == 1);
  CHECK(to_string(report.warnings[0]) ==
        "f:3:1: the condition is always true\n"
        "  step > 1 or step < 2\n"
        "  ^~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("a file without conditions") {
  CHECK(check("").conditions == 0);
  CHECK(check("\n# nothing\n").conditions == 0);
}

TEST_CASE("a byte order mark is not a character of the text") {
  const auto report = check("\xEF\xBB\xBFseverity > 1\n\nseverty > 1\n");
  CHECK(report.conditions == 2);
  REQUIRE(report.errors.size() == 1);
  CHECK(report.errors[0].where == "f:3:1");
}

TEST_CASE("a condition over several lines, with comments") {
  const char* text = "\xEF\xBB\xBF# high\nseverity > 1  # at least\n  or `a # b` > 2\n";
  ConditionOptions options;
  options.variables.push_back({"a # b", VariableType::number});
  const auto condition = parse_condition_file(text, "f", options);
  REQUIRE(condition.has_value());
  CHECK(condition->variables().size() == 2);
  const auto wrong = parse_condition_file("severity > 1 # x\n or severty > 2", "f", {});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(to_string(wrong.error()) ==
        "f:2:5: unknown variable 'severty'; did you mean 'severity'?\n"
        "   or severty > 2\n"
        "      ^~~~~~~");
  CHECK_FALSE(parse_condition_file("# nothing\n", "f", {}).has_value());
}

}  // namespace rz::cond
