#include "rz/cond/ast.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "random_condition.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

std::string printed(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  const Ast ast = parse(text, testing::wide_options(), diagnostics);
  REQUIRE(diagnostics.empty());
  return print(ast);
}

}  // namespace

TEST_CASE("a tree is printed with no more parentheses than it needs") {
  struct Case {
    std::string text;
    std::string printed;
  };
  static const Case kCases[] = {
      {"((severity)>=(0.80))", "severity >= 0.8"},
      {"flag or(flag and flag)", "flag or flag and flag"},
      {"(flag or flag)and flag", "(flag or flag) and flag"},
      {"flag or (flag or flag)", "flag or (flag or flag)"},
      {"(flag or flag) or flag", "flag or flag or flag"},
      {"not(severity>1)", "not severity > 1"},
      {"not(flag and flag)", "not (flag and flag)"},
      {"(not flag)==flag", "(not flag) == flag"},
      {"(1<2)==(2<3)", "(1 < 2) == (2 < 3)"},
      {"1-(2-3)>1-2-3", "1 - (2 - 3) > 1 - 2 - 3"},
      {"(1+2)*3>1+2*3", "(1 + 2) * 3 > 1 + 2 * 3"},
      {"1/(2/3)>1/2/3", "1 / (2 / 3) > 1 / 2 / 3"},
      {"-severity*2>-(severity*2)", "-severity * 2 > -(severity * 2)"},
      {"- 5>-(5)", "-5 > -(5)"},
      {"--severity>2- -1", "--severity > 2 - -1"},
      {"severity in[1,2.0,'a']", "severity in [1, 2.0, \"a\"]"},
      {"flag in [(flag), (1 < 2)]", "flag in [flag, (1 < 2)]"},
      {"severity+1 not in[(1)]", "severity + 1 not in [1]"},
      {"not (severity in [1])", "not severity in [1]"},
      {"(severity in [1]) == true", "(severity in [1]) == true"},
      {"name==\"a'b\"or name=='a\"b\\n\\t\\r\\\\'", R"(name == "a'b" or name == "a\"b\n\t\r\\")"},
      {"severity==1e300 or severity==-0.0", "severity == 1e+300 or severity == -0.0"},
      {" ALWAYS ", "true"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(printed(c.text) == c.printed);
  }
}

TEST_CASE("a printed tree is parsed to the same tree") {
  CHECK(rc::check([] {
    const std::string text = testing::random_condition();
    RC_LOG() << text << "\n";
    std::vector<Diagnostic> diagnostics;
    const Ast ast = parse(text, testing::wide_options(), diagnostics);
    RC_ASSERT(diagnostics.empty());
    const std::string printed = print(ast);
    RC_LOG() << printed << "\n";
    const Ast again = parse(printed, testing::wide_options(), diagnostics);
    RC_ASSERT(diagnostics.empty());
    RC_ASSERT(testing::same_tree(ast, again));
    RC_ASSERT(print(again) == printed);
  }));
}

}  // namespace rz::cond
