#include "rz/base/regex.h"

#include <doctest/doctest.h>

#include <string>

#include "support/results.h"

namespace rz {
namespace {

std::string found(const std::string& pattern, const std::string& text) {
  const auto regex = ok(compile_regex(pattern));
  const auto match = regex->find(text);
  return match ? text.substr(match->begin, match->end - match->begin) : "nothing";
}

TEST_CASE("a match is anywhere in the text, and lines have a begin and an end") {
  CHECK(found("[0-9]+", "a 12 34") == "12");
  CHECK(found("^250 .*$", "220 x\n250 ok\n250 more") == "250 ok");
  CHECK(found("^ok$", "not ok") == "nothing");
  CHECK(found("", "x").empty());
}

TEST_CASE("bytes that are not UTF-8 do no harm") {
  CHECK(found("b+", std::string("\xff\0b\xfe", 4)) == "b");
}

TEST_CASE("what is not a regular expression is said") {
  CHECK(error_of(compile_regex("a(b")) ==
        Error{ErrorCode::parse, "is not a regular expression: missing ): a(b", ""});
}

}  // namespace
}  // namespace rz
