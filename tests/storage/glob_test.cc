#include "rz/storage/glob.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

namespace rz::storage {
namespace {

struct Row {
  std::string_view glob;
  std::string_view text;
  bool matches;
};

TEST_CASE("a glob matches as in Redis") {
  // Each answer is that of Redis 7.0's KEYS.
  const Row rows[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything", true},
      {"a", "a", true},
      {"a", "A", false},
      {"a", "ab", false},
      {"ab", "a", false},
      {"?", "", false},
      {"?", "a", true},
      {"?", "ab", false},
      {"a?c", "abc", true},
      {"a*c", "ac", true},
      {"a*c", "abbbc", true},
      {"a*c", "abbbd", false},
      {"a*b*c", "a-b-b-c", true},
      {"*a*b", "xaxxb", true},
      {"*ab", "aab", true},
      {"*aab", "aaaab", true},
      {"user:*", "user:", true},
      {"user:*", "users", false},
      {"*:*", ":", true},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[abc]", "", false},
      {"[^abc]", "d", true},
      {"[^abc]", "a", false},
      {"[a-c]x", "bx", true},
      {"[c-a]x", "bx", true},
      {"[a-c]", "d", false},
      {"[0-9][0-9]", "42", true},
      {"[a-cx-z]", "y", true},
      {"[]", "a", false},
      {"[]", "]", false},
      {"[^]", "a", true},
      {"[\\]]", "]", true},
      {"[\\^a]", "^", true},
      {"[a^]", "^", true},
      {"[a\\-z]", "-", true},
      {"[a\\-z]", "m", false},
      {"[a-]b]", "[b]", false},
      {"[abc", "a", true},
      {"[abc", "d", false},
      {"[", "[", false},
      {"[-a]", "-", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\?", "?", true},
      {"\\[a]", "[a]", true},
      {"\\\\", "\\", true},
      {"\\a", "a", true},
      {"\\", "\\", true},
      {"a]", "a]", true},
      {"*]", "a]", true},
      {"a*?", "a", false},
      {"a*?", "ab", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.glob);
    CAPTURE(row.text);
    CHECK(glob_matches(row.glob, row.text) == row.matches);
  }
}

TEST_CASE("a run of stars matches the empty text") {
  // Redis itself says so of one star and denies it of two.
  CHECK(glob_matches("**", ""));
}

TEST_CASE("a glob matches bytes, not characters") {
  CHECK(glob_matches("?", "\xff"));
  CHECK_FALSE(glob_matches("?", "ä"));
  CHECK(glob_matches("??", "ä"));
  CHECK(glob_matches(std::string_view("a\0*", 3), std::string_view("a\0b", 3)));
  CHECK_FALSE(glob_matches(std::string_view("a\0b", 3), "a"));
  CHECK(glob_matches("[\x80-\xff]", "\xc3"));
  CHECK_FALSE(glob_matches("[\x80-\xff]", "a"));
}

TEST_CASE("many stars cost no more than the product of the lengths") {
  // Backtracking into every star would take longer than the universe has.
  std::string glob;
  for (int i = 0; i < 100; ++i) glob += "*a";
  glob += "b";
  CHECK_FALSE(glob_matches(glob, std::string(10'000, 'a')));
}

TEST_CASE("an escaped text matches itself alone") {
  CHECK(glob_escape("a*b?c[d]e\\f^g-h") == "a\\*b\\?c\\[d\\]e\\\\f^g-h");
  CHECK(rc::check("escape", [](const std::string& text, const std::string& other) {
    RC_ASSERT(glob_matches(glob_escape(text), text));
    RC_ASSERT(glob_matches(glob_escape(text), other) == (text == other));
  }));
}

TEST_CASE("the literal prefix ends before the first special byte") {
  CHECK(glob_literal_prefix("") == "");
  CHECK(glob_literal_prefix("user:*") == "user:");
  CHECK(glob_literal_prefix("user:?x") == "user:");
  CHECK(glob_literal_prefix("user:[ab]") == "user:");
  CHECK(glob_literal_prefix("plain") == "plain");
  CHECK(glob_literal_prefix("a\\*b*") == "a*b");
  CHECK(glob_literal_prefix("a\\") == "a\\");
  CHECK(glob_literal_prefix("a]*") == "a]");
}

/// What a glob means, said as plainly as can be: exponential, but plainly right.
bool matches_by_definition(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob[0] == '*') {
    return matches_by_definition(glob.substr(1), text) ||
           (!text.empty() && matches_by_definition(glob, text.substr(1)));
  }
  if (text.empty()) return false;
  if (glob[0] == '?') return matches_by_definition(glob.substr(1), text.substr(1));
  if (glob[0] == '\\' && glob.size() > 1) glob.remove_prefix(1);
  return glob[0] == text[0] && matches_by_definition(glob.substr(1), text.substr(1));
}

TEST_CASE("matching agrees with its definition, and every match has the literal prefix") {
  CHECK(rc::check("glob", [] {
    const auto any_of = [](std::string bytes) {  // Short, for the definition's sake.
      return rc::gen::resize(12, rc::gen::container<std::string>(rc::gen::elementOf(bytes)));
    };
    const std::string glob = *any_of("ab*?\\");
    const std::string text = *any_of("ab*\\");
    const bool matches = glob_matches(glob, text);
    RC_ASSERT(matches == matches_by_definition(glob, text));
    RC_ASSERT(!matches || text.starts_with(glob_literal_prefix(glob)));
  }));
}

}  // namespace
}  // namespace rz::storage
