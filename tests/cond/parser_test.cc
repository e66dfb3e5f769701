#include "rz/cond/parser.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "random_condition.h"
#include "rz/base/text.h"

namespace rz::cond {
namespace {

/// The complaints as `begin-end message`, a line each.
std::string complaints(std::string_view text,
                       const ConditionOptions& options = testing::wide_options()) {
  std::vector<Diagnostic> diagnostics;
  (void)parse(text, options, diagnostics);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += '\n';
    out += std::to_string(diagnostic.span.begin) + "-" + std::to_string(diagnostic.span.end) + " " +
           diagnostic.message;
  }
  return out;
}

}  // namespace

TEST_CASE("conditions that are right") {
  for (const char* text : {"flag",
                           "true",
                           "not false",
                           "always",
                           "ALWAYS",
                           " Always\n",
                           "(flag)",
                           "((flag))",
                           "not not flag",
                           "severity > 1",
                           "1 < severity",
                           "1 < 2",
                           "severity > 1 and flag or not flag",
                           "severity > -1",
                           "severity > - 1",
                           "severity > --1",
                           "severity>1and flag",
                           "(severity + 1) * 2 > ratio % 3 / 4",
                           "severity in [1]",
                           "severity in [1, 'a', true]",
                           "name not in ['a']",
                           "flag in [true, (severity > 1)]",
                           "name == 'a'",
                           "name < 'b'",
                           "severity == 'high'",
                           "severity != true",
                           "flag == (severity > 1)",
                           "flag == flag",
                           "not flag == true",
                           "-9223372036854775808 < severity",
                           "severity > 1e308"}) {
    CAPTURE(text);
    CHECK(complaints(text) == "");
  }
}

TEST_CASE("errors of syntax") {
  struct Case {
    std::string text;
    std::string complaints;
  };
  static const Case kCases[] = {
      {"", "0-0 the condition is empty"},
      {" \n ", "0-0 the condition is empty"},
      {"()", "1-2 expected a value, got ')'"},
      {"severity >", "10-10 expected a value, got the end"},
      {"severity > 1 and", "16-16 expected a value, got the end"},
      {"and flag", "0-3 expected a value, got 'and'"},
      {"severity > > 1", "11-12 expected a value, got '>'"},
      {"severity <> 1", "10-11 expected a value, got '>'; write '!=' instead of '<>'"},
      {"flag flag", "5-9 unexpected 'flag' after the end of the condition"},
      {"severity > 1 2", "13-14 unexpected '2' after the end of the condition"},
      {"flag AND flag",
       "5-8 unexpected 'AND' after the end of the condition; write 'and' in lower case"},
      {"severity > NOT 1",
       "11-14 unknown variable 'NOT'; write 'not' in lower case\n"
       "15-16 unexpected '1' after the end of the condition"},
      {"(flag", "0-1 this '(' is not closed"},
      {"flag and (severity > (1 + 2)", "9-10 this '(' is not closed"},
      {"(severity > 1 2)", "14-15 expected ')', got '2'"},
      {"(flag AND flag)", "6-9 expected ')', got 'AND'; write 'and' in lower case"},
      {"flag)", "4-5 unexpected ')' after the end of the condition; no '(' matches it"},
      {"1 < severity < 3", "13-14 comparisons do not chain; write 'a < b and b < c'"},
      {"1 == severity == 3", "14-16 comparisons do not chain; write 'a < b and b < c'"},
      {"max(severity, 1) > 0", "0-4 functions cannot be called"},
      {"severity (1)", "0-10 functions cannot be called"},
      {"severity in 1", "12-13 expected '[' and a list, got '1'"},
      {"severity in (1, 2)", "12-13 expected '[' and a list, got '('"},
      {"severity in []", "13-14 expected a value, got ']'"},
      {"severity in [1,]", "15-16 expected a value, got ']'"},
      {"severity in [1 2]", "15-16 expected ',' or ']', got '2'"},
      {"severity in [1", "14-14 expected ',' or ']', got the end"},
      {"severity not 1", "9-12 unexpected 'not' after the end of the condition"},
      {"severity > not 1", "11-14 expected a value, got 'not'"},
      {"always and flag", "0-6 'always' must be the whole condition"},
      {"severity.level > 1",
       "8-9 unexpected '.'; write the path of a "
       "member in backquotes, as in `a.b`\n"
       "9-14 unknown variable 'level'; known: severity, recurrence_count, ratio, flag, name"},
      {"severity = 1 && flg",
       "9-10 unexpected '='; write '==' to compare; values cannot be assigned\n"
       "13-15 unexpected '&&'; write 'and' instead of '&&'\n"
       "16-19 unknown variable 'flg'; did you mean 'flag'?"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(complaints(c.text) == c.complaints);
  }
}

TEST_CASE("errors of names and literals") {
  struct Case {
    std::string text;
    std::string complaints;
  };
  static const Case kCases[] = {
      {"severty > 1", "0-7 unknown variable 'severty'; did you mean 'severity'?"},
      {"Severity > 1", "0-8 unknown variable 'Severity'; did you mean 'severity'?"},
      {"zzz > 1",
       "0-3 unknown variable 'zzz'; known: severity, recurrence_count, ratio, flag, name"},
      {"severity > 1 and Not flag",
       "17-20 unknown variable 'Not'; write 'not' in lower case\n"
       "21-25 unexpected 'flag' after the end of the condition"},
      {"flag == True", "8-12 unknown variable 'True'; write 'true' in lower case"},
      {"severty > 1 and flgg or nmae == 1 )",
       "0-7 unknown variable 'severty'; did you mean 'severity'?\n"
       "16-20 unknown variable 'flgg'; did you mean 'flag'?\n"
       "24-28 unknown variable 'nmae'; did you mean 'name'?\n"
       "34-35 unexpected ')' after the end of the condition; no '(' matches it"},
      {"flag ( severty",
       "0-6 functions cannot be called\n"
       "7-14 unknown variable 'severty'; did you mean 'severity'?"},
      {"severity > 9223372036854775808",
       "11-30 the integer is out of range (-2^63 to 2^63-1); write it with a decimal point"},
      {"severity > - 9223372036854775809",
       "11-32 the integer is out of range (-2^63 to 2^63-1); write it with a decimal point"},
      {"severity > 1e309", "11-16 the number is out of the range of a double"},
      {R"(name == 'a\q')", R"(10-12 unknown escape '\q'; use one of \\ \' \" \n \t \r)"},
      {"name == '\xff'", "8-11 invalid UTF-8 in a string"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(complaints(c.text) == c.complaints);
  }
  CHECK(complaints("x > 1", {{}, 50}) == "0-1 unknown variable 'x'");
}

TEST_CASE("errors of types, found without data") {
  struct Case {
    std::string text;
    std::string complaints;
  };
  static const Case kCases[] = {
      {"severity",
       "0-8 a condition must be true or false, but this is a number; compare it: 'severity > 0'"},
      {"name",
       "0-4 a condition must be true or false, but this is a string; compare it: 'name != \"\"'"},
      {"1", "0-1 a condition must be true or false, but this is a number"},
      {"(1 + 2)", "1-6 a condition must be true or false, but this is a number"},
      {"'a'", "0-3 a condition must be true or false, but this is a string"},
      {"severity > 1 and ratio",
       "17-22 an operand of 'and' must be true or false, but this is a number; compare it: "
       "'ratio > 0'"},
      {"1 or name",
       "0-1 an operand of 'or' must be true or false, but this is a number\n"
       "5-9 an operand of 'or' must be true or false, but this is a string; compare it: "
       "'name != \"\"'"},
      {"not 1", "4-5 the operand of 'not' must be true or false, but this is a number"},
      {"severity >= 'high'", "0-18 '>=' cannot order a number and a string"},
      {"'a' < 1", "0-7 '<' cannot order a string and a number"},
      {"flag > 0", "0-8 '>' cannot order true or false and a number"},
      {"flag < true", "0-11 '<' cannot order true and false"},
      {"name + 1 > 2", "0-4 an operand of '+' must be a number, but this is a string"},
      {"1 > 2 * flag", "8-12 an operand of '*' must be a number, but this is true or false"},
      {"-name == 1", "1-5 the operand of '-' must be a number, but this is a string"},
      {"severty + 'a' > 1 and name > 1",
       "0-7 unknown variable 'severty'; did you mean 'severity'?\n"
       "10-13 an operand of '+' must be a number, but this is a string\n"
       "22-30 '>' cannot order a string and a number"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(complaints(c.text) == c.complaints);
  }
}

TEST_CASE("fifty tokens are allowed, fifty-one are not") {
  std::string fifty = "not not severity > 1 ";
  for (int i = 0; i < 11; ++i) fifty += "and 1 < 2 ";
  fifty = "not " + fifty;
  CHECK(complaints(fifty, {}) == "");
  CHECK(complaints(fifty + ")", {}) == "135-136 more than 50 tokens; split the condition");
}

TEST_CASE("depth is bounded, whatever max_tokens says") {
  const ConditionOptions options{{}, 1'000'000};
  std::string nots;
  for (int i = 0; i < 999; ++i) nots += "not ";
  CHECK(complaints(nots + "true", options) == "");
  CHECK(complaints("not " + nots + "true", options) ==
        "4000-4004 more than 1000 tokens; split the condition");
  CHECK(complaints(std::string(500, '('), options) == "500-500 expected a value, got the end");
  CHECK(complaints(std::string(998, '-') + "1>0", options) ==
        "1000-1001 more than 1000 tokens; split the condition");
}

TEST_CASE("a text that is too long is not even looked at") {
  CHECK(complaints("flag" + std::string((1 << 20) - 4, ' ')) == "");
  CHECK(complaints("flag" + std::string(1 << 20, ' ')) == "0-0 the condition is longer than 1 MiB");
}

TEST_CASE("any bytes are a condition or complaints in order of place, inside the text") {
  CHECK(rc::check([] {
    const std::string text = testing::random_junk();
    std::vector<Diagnostic> diagnostics;
    const Ast ast = parse(text, testing::wide_options(), diagnostics);
    std::uint32_t at = 0;
    for (const Diagnostic& diagnostic : diagnostics) {
      RC_ASSERT(diagnostic.span.begin >= at);
      RC_ASSERT(diagnostic.span.end >= diagnostic.span.begin);
      RC_ASSERT(diagnostic.span.end <= text.size());
      at = diagnostic.span.begin;
    }
    if (diagnostics.empty()) RC_ASSERT(ast[ast.root].type == Type::boolean);
  }));
}

TEST_CASE("names in backquotes, and whether there is a value") {
  const ConditionOptions options{{{"eol-lts", VariableType::number},
                                  {"and", VariableType::boolean},
                                  {"has", VariableType::number},
                                  {"severity", VariableType::number}},
                                 50};
  for (const char* text : {"`eol-lts` >= 2", "`and` and `severity` > 1", "has > 1", "has has",
                           "has `eol-lts` and has severity", "not has `and`", "has + has > 2"}) {
    CAPTURE(text);
    CHECK(complaints(text, options) == "");
  }
  CHECK(complaints("`eol_lts` > 1", options) ==
        "0-9 unknown variable 'eol_lts'; did you mean 'eol-lts'?");
  CHECK(complaints("has(severity)", options) == "0-4 write 'has NAME' without parentheses");
  CHECK(complaints("has severity > 1", options) ==
        "0-16 '>' cannot order true or false and a number");
  CHECK(complaints("has nothing", options) ==
        "4-11 unknown variable 'nothing'; known: eol-lts, and, has, severity");
  std::vector<Diagnostic> diagnostics;
  CHECK(print(parse("has `eol-lts` and `severity` > 1", options, diagnostics)) ==
        "has `eol-lts` and severity > 1");
}

}  // namespace rz::cond
