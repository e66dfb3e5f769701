#include "rz/cond/lint.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "random_condition.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

Ast tree_of(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  Ast ast = parse(text, testing::wide_options(), diagnostics);
  REQUIRE(diagnostics.empty());
  return ast;
}

/// The warnings as `PART: message`, joined by `; `.
std::string warnings(const std::string& text) {
  std::string out;
  for (const Diagnostic& diagnostic : lint(tree_of(text))) {
    if (!out.empty()) out += "; ";
    const Span span = diagnostic.span;
    out += text.substr(span.begin, span.end - span.begin) + ": " + diagnostic.message;
  }
  return out;
}

}  // namespace

TEST_CASE("parts with the same answer for all values") {
  struct Case {
    std::string text;
    std::string warnings;
  };
  static const Case kCases[] = {
      {"severity >= 0 or true", "severity >= 0 or true: the condition is always true"},
      {"severity > 1 and severity < 0",
       "severity > 1 and severity < 0: the condition can never be true"},
      {"severity > 1 or severity <= 1",
       "severity > 1 or severity <= 1: the condition is always true"},
      {"severity >= 1 and severity <= 1", ""},
      {"severity > 1 and severity < 1.0000001", ""},
      {"severity > 1 and not severity > 1",
       "severity > 1 and not severity > 1: the condition can never be true"},
      {"severity == 1 and severity == 2",
       "severity == 1 and severity == 2: the condition can never be true"},
      {"severity != 1 or severity != 2",
       "severity != 1 or severity != 2: the condition is always true"},
      {"severity in [1, 2] and severity > 2",
       "severity in [1, 2] and severity > 2: the condition can never be true"},
      // Between these two doubles lies an integer, and between these two integers a double.
      {"severity > 9007199254740992.0 and severity < 9007199254740994.0", ""},
      {"severity > 1 and severity < 2", ""},
      {"severity > 9007199254740992 and severity < 9007199254740993",
       "severity > 9007199254740992 and severity < 9007199254740993: the condition can never be "
       "true"},
      {"severity > 9223372036854775807", ""},
      {"severity > 1.7976931348623157e308",
       "severity > 1.7976931348623157e308: the condition can never be true"},
      {"severity == \"high\"", "severity == \"high\": the condition can never be true"},
      {"severity != \"high\" and flag", "severity != \"high\": this part is always true"},
      {"severity > 60 * 60 and severity < 60",
       "severity > 60 * 60 and severity < 60: the condition can never be true"},
      {"flag or not flag", "flag or not flag: the condition is always true"},
      {"flag == true", ""},
      {"name == 'a' and name == 'b'",
       "name == 'a' and name == 'b': the condition can never be true"},
      {"name > 'a' and name < 'b'", ""},
      {"name > 'a' and name < 'a\\n'", ""},
      {"name < ''", "name < '': the condition can never be true"},
      {"name < 'a'", ""},
      {"ratio > 1 and (severity > 1 or 1 < 2)", "severity > 1 or 1 < 2: this part is always true"},
      {"ratio > severity and true and 2 < 1",
       "true: this part is always true; 2 < 1: this part can never be true"},
      {"ratio > severity or severity > 2 and severity < 1",
       "severity > 2 and severity < 1: this part can never be true"},
      {"ratio > severity and ratio < severity", ""},
      {"1 / 0 > 1", "1 / 0: this fails whatever the values are: division by zero"},
      {"severity / 0 > 1", "severity / 0: this fails whatever the values are: division by zero"},
      {"severity % (2 - 2) > 1",
       "severity % (2 - 2: this fails whatever the values are: division by zero"},
      {"severity > 9223372036854775807 + 1",
       "9223372036854775807 + 1: this fails whatever the values are: the result does not fit into "
       "64 "
       "bits"},
      {"severity > 1e300 * 1e300 or flag",
       "1e300 * 1e300: this fails whatever the values are: the result is not finite"},
      {"severity > 1 / 2 and severity / 2 > 0", ""},
      {"has severity", ""},
      {"has severity or not has severity", ""},
      {"severity > 1", ""},
      {"true", ""},
      {"always", ""},
      {"1 < 2", "1 < 2: the condition is always true"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(warnings(c.text) == c.warnings);
  }
}

TEST_CASE("a warning is never wrong") {
  CHECK(rc::check([] {
    const std::string text = testing::random_condition();
    RC_LOG() << text << "\n";
    const Ast ast = tree_of(text);
    const auto found = lint(ast);
    if (found.empty() || !found.front().message.starts_with("the condition")) return;
    const bool always = found.front().message == "the condition is always true";
    for (int i = 0; i < 20; ++i) {
      const auto values = testing::random_values(ast.variables);
      for (const auto& value : values) RC_LOG() << to_string(value) << " ";
      if (const auto answer = testing::meaning(ast, values)) RC_ASSERT(*answer == always);
    }
  }));
}

}  // namespace rz::cond
