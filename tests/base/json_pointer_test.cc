#include "rz/base/json_pointer.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"
#include "support/results.h"

namespace rz {
namespace {

TEST_CASE("a pointer leads to what RFC 6901 says") {
  const Value document = ok(parse_json(
      R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, "deep": {"er": [[7]]}})"));
  const auto at = [&](std::string_view pointer) {
    const Value* found = find_at(document, pointer);
    return found == nullptr ? "nothing" : to_json(*found);
  };
  CHECK(at("") == to_json(document));
  CHECK(at("/foo") == R"(["bar","baz"])");
  CHECK(at("/foo/0") == R"("bar")");
  CHECK(at("/") == "0");
  CHECK(at("/a~1b") == "1");
  CHECK(at("/c%d") == "2");
  CHECK(at("/m~0n") == "8");
  CHECK(at("/deep/er/0/0") == "7");
  for (const char* nowhere : {"/foo/2", "/foo/-1", "/foo/01", "/foo/+1", "/foo/-", "/foo/0/0",
                              "/bar", "/foo/", "/deep//"}) {
    CAPTURE(nowhere);
    CHECK(at(nowhere) == "nothing");
  }
}

TEST_CASE("a pointer begins with a slash and escapes only what there is to escape") {
  for (const char* right : {"", "/", "/a~0~1", "//"}) CHECK(is_json_pointer(right));
  for (const char* wrong : {"a", "~", "/a~", "/a~2", "/~~0"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_json_pointer(wrong));
  }
}

}  // namespace
}  // namespace rz
