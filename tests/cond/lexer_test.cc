#include "rz/cond/lexer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace rz::cond {
namespace {

std::string name_of(TokenKind kind) {
  static constexpr const char* kNames[] = {
      "end",   "number", "string", "name", "and", "or", "not", "in", "true",
      "false", "==",     "!=",     "<",    "<=",  ">",  ">=",  "+",  "-",
      "*",     "/",      "%",      "(",    ")",   "[",  "]",   ","};
  return kNames[static_cast<std::size_t>(kind)];
}

/// The tokens as `kind:text`, operators and keywords by their spelling alone, joined by blanks;
/// then
/// `!message` for each complaint.
std::string lexed(std::string_view text, std::size_t max_tokens = 50) {
  std::vector<Diagnostic> diagnostics;
  std::string out;
  for (const Token& token : lex(text, max_tokens, diagnostics)) {
    if (token.kind == TokenKind::end) break;
    if (!out.empty()) out += ' ';
    const std::string_view spelled =
        text.substr(token.span.begin, token.span.end - token.span.begin);
    out += name_of(token.kind);
    if (name_of(token.kind) != spelled) out.append(":").append(spelled);
  }
  for (const Diagnostic& diagnostic : diagnostics) out.append(" !").append(diagnostic.message);
  return out;
}

}  // namespace

TEST_CASE("tokens") {
  struct Case {
    std::string text;
    std::string tokens;
  };
  static const Case kCases[] = {
      {"", ""},
      {" \t\n\r\v\f\x1c\x1d\x1e\x1f", ""},
      {"severity >= 0.8", "name:severity >= number:0.8"},
      {"severity>=0.8", "name:severity >= number:0.8"},
      {"a\x1c<\x1f"
       "b",
       "name:a < name:b"},
      {"1 1. .5 0.5 007", "number:1 number:1. number:.5 number:0.5 number:007"},
      {"1.2.3", "number:1.2 number:.3"},
      {"1e3 1E+3 1.e-3 .5e3", "number:1e3 number:1E+3 number:1.e-3 number:.5e3"},
      {"2else", "number:2 name:else"},
      {"2e", "number:2 name:e"},
      {"2and 3", "number:2 and number:3"},
      {"-5", "- number:5"},
      {"and or not in true false", "and or not in true false"},
      {"And OR True", "name:And name:OR name:True"},
      {"android or_ _in not2", "name:android name:or_ name:_in name:not2"},
      {"<=<>!===>=", "<= < > != == >="},
      {"+-*/%()[],", "+ - * / % ( ) [ ] ,"},
      {"'a' \"b\"", "string:'a' string:\"b\""},
      {"'a\"b' \"a'b\"", "string:'a\"b' string:\"a'b\""},
      {R"("a\"b" 'a\'b' '\\')", R"(string:"a\"b" string:'a\'b' string:'\\')"},
      {"'a\nb'", "string:'a\nb'"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(lexed(c.text) == c.tokens);
  }
}

TEST_CASE("what belongs to no token") {
  struct Case {
    std::string text;
    std::string tokens;
  };
  static const Case kCases[] = {
      {"a && b", "name:a name:b !unexpected '&&'; write 'and' instead of '&&'"},
      {"a || b", "name:a name:b !unexpected '||'; write 'or' instead of '||'"},
      {"a & b", "name:a name:b !unexpected '&'; write 'and' instead of '&'"},
      {"a | b", "name:a name:b !unexpected '|'; write 'or' instead of '|'"},
      {"!a", "name:a !unexpected '!'; write 'not' instead of '!'"},
      {"a = 1",
       "name:a number:1 !unexpected '='; write '==' to compare; values cannot be assigned"},
      {"a => 1", "name:a number:1 !unexpected '=>'; write '>=' instead of '=>'"},
      {"a =< 1", "name:a number:1 !unexpected '=<'; write '<=' instead of '=<'"},
      {"a.b",
       "name:a name:b !unexpected '.'; write the path of a "
       "member in backquotes, as in `a.b`"},
      {"a; b", "name:a name:b !unexpected ';'; a condition is one expression"},
      {"a @ b", "name:a name:b !unexpected character '@'"},
      {"a \x01 b", "name:a name:b !unexpected character U+0001"},
      {"a\u00a0> 1", "name:a > number:1 !unexpected character U+00A0; write an ordinary space"},
      {"a \u200b> 1", "name:a > number:1 !unexpected character U+200B"},
      {"a ≥ 1", "name:a number:1 !unexpected character '≥'; write '>='"},
      {"“a”",
       "name:a !unexpected character '“'; write a straight quote, \" !unexpected character "
       "'”'; write a straight quote, \""},
      {"größe > 1", "> number:1 !'größe' is not a plain name; put it in backquotes: `größe`"},
      {"älter\u00a0> a≥1",
       "> name:a number:1 !'älter' is not a plain name; put it in backquotes: `älter` !unexpected "
       "character U+00A0; write an ordinary space !unexpected character '≥'; write '>='"},
      {"`a b", " !the name is not closed; a ` is missing"},
      {"`a\n`b`", "name:`b` !the name is not closed; a ` is missing"},
      {"``", "name:`` !a name is missing between the backquotes"},
      {"a \xff 1", "name:a number:1 !invalid UTF-8"},
      {"a == 'x", "name:a == !the string is not closed; a ' is missing"},
      {"a == \"x\\\"", "name:a == !the string is not closed; a \" is missing"},
      {"a == '", "name:a == !the string is not closed; a ' is missing"},
      {"@ # a", "name:a !unexpected character '@' !unexpected character '#'"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(lexed(c.text) == c.tokens);
  }
}

TEST_CASE("the limit counts tokens, not the end, and complaints as well") {
  CHECK(lexed("a < b", 3) == "name:a < name:b");
  CHECK(lexed("a < b  ", 3) == "name:a < name:b");
  CHECK(lexed("a < b )", 3) == "name:a < name:b !more than 3 tokens; split the condition");
  CHECK(lexed("a", 0) == " !more than 0 tokens; split the condition");
  std::vector<Diagnostic> diagnostics;
  (void)lex(std::string(100'000, '@'), 50, diagnostics);
  CHECK(diagnostics.size() == 51);
}

TEST_CASE("the end has the place where the last token ends") {
  std::vector<Diagnostic> diagnostics;
  CHECK(lex("a <\n\n ", 50, diagnostics).back().span.begin == 3);
  CHECK(lex("  ", 50, diagnostics).back().span.begin == 0);
}

TEST_CASE("a string without its quotes") {
  std::vector<Diagnostic> diagnostics;
  const auto unquoted = [&](std::string_view text) {
    return unquote(text, {0, static_cast<std::uint32_t>(text.size())}, diagnostics);
  };
  CHECK(unquoted("''") == "");
  CHECK(unquoted(R"('a\\b\'c\"d\n\t\r')") == "a\\b'c\"d\n\t\r");
  CHECK(unquoted("'ä€'") == "ä€");
  CHECK(diagnostics.empty());
  CHECK(unquoted(R"('a\qb')") == "aqb");
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].message == R"(unknown escape '\q'; use one of \\ \' \" \n \t \r)");
  CHECK(diagnostics[0].span.begin == 2);
  CHECK(diagnostics[0].span.end == 4);
  (void)unquoted("'\xc3'");
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[1].message == "invalid UTF-8 in a string");
}

TEST_CASE("any bytes become tokens that lie in the text, in order") {
  CHECK(rc::check([](const std::string& text) {
    std::vector<Diagnostic> diagnostics;
    std::uint32_t at = 0;
    for (const Token& token : lex(text, 50, diagnostics)) {
      RC_ASSERT(token.span.begin >= at);
      RC_ASSERT(token.span.end >= token.span.begin);
      RC_ASSERT(token.span.end <= text.size());
      at = token.span.end;
    }
    for (const Diagnostic& diagnostic : diagnostics) RC_ASSERT(diagnostic.span.end <= text.size());
  }));
}

TEST_CASE("a name in backquotes") {
  CHECK(lexed("`eol-lts` >= 2") == "name:`eol-lts` >= number:2");
  CHECK(lexed("`and`or`größe`") == "name:`and` or name:`größe`");
  CHECK(lexed("`a``b`") == "name:`a``b`");
  CHECK(name_of("`a``b`") == "a`b");
  CHECK(name_of("`Cost Total $`") == "Cost Total $");
  CHECK(name_of("plain") == "plain");
  CHECK(is_identifier("a_1"));
  for (const char* name : {"", "1a", "a-b", "and", "Always", "größe", "a b"}) {
    CAPTURE(name);
    CHECK_FALSE(is_identifier(name));
  }
}

}  // namespace rz::cond
