#include "rz/bench/command_words.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rz::bench {
namespace {

using Words = std::vector<std::string>;

std::string refusal_of_words(const std::string& text) {
  const auto words = split_command(text);
  REQUIRE_FALSE(words);
  return words.error().message;
}

TEST_CASE("words are cut as a shell cuts them") {
  CHECK(split_command("gzip -k  file") == Words{"gzip", "-k", "file"});
  CHECK(split_command("  a 'b c' \"d  e\" f\\ g ''  ") == Words{"a", "b c", "d  e", "f g", ""});
  CHECK(split_command("a'b'\"c\"d") == Words{"abcd"});
  CHECK(split_command(R"(a "b\"c" 'd\e')") == Words{"a", "b\"c", "d\\e"});
  CHECK(split_command("sh -c 'a | b > $c'") == Words{"sh", "-c", "a | b > $c"});
}

TEST_CASE("what only a shell would do is refused, with the way out") {
  for (const std::string text : {"a | b", "a > b", "a; b", "a && b", "echo $X", "ls *"}) {
    INFO(text);
    CHECK(refusal_of_words(text).find("is for a shell, and none is started") != std::string::npos);
  }
  CHECK(refusal_of_words("a 'b") == "a quote is not closed");
  CHECK(refusal_of_words("   ") == "names no program");
}

TEST_CASE("joined words are split into the same words") {
  CHECK(join_command({"gzip", "-k", "a b", "it's", ""}) == R"(gzip -k 'a b' 'it'\''s' '')");
  CHECK(join_command({"sh", "-c", ":", "a:b"}) == "sh -c ':' a:b");
  CHECK(rc::check([](const Words& words) {
    RC_PRE(!words.empty());
    RC_ASSERT(split_command(join_command(words)) == words);
  }));
}

TEST_CASE("choices are a list, or whole numbers in steps") {
  const auto values = [](const std::string& text) {
    const auto choices = parse_choices(text);
    REQUIRE(choices);
    CHECK(choices->name == "n");
    return choices->values;
  };
  CHECK(values("n=a,b c,") == Words{"a", "b c", ""});
  CHECK(values("n=1..3") == Words{"1", "2", "3"});
  CHECK(values("n=-1..10..5") == Words{"-1", "4", "9"});
  CHECK(values("n=a..b") == Words{"a..b"});
  for (const char* wrong : {"n", "=1", "n=3..1", "n=1,1", "n=1..5000", "n=1..3..0", "n=-3..3..-1",
                            "n=1..3..x", "n=1..3..", "n=1..3..1..1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_choices(wrong));
  }
  CHECK(values("n=9223372036854775806..9223372036854775807").size() == 2);
}

TEST_CASE("a choice takes the place of its name in every word") {
  Words words = {"gzip", "-{n}", "{n}{n}", "{m}"};
  insert_choice(words, "n", "{n}1");
  CHECK(words == Words{"gzip", "-{n}1", "{n}1{n}1", "{m}"});
}

}  // namespace
}  // namespace rz::bench
