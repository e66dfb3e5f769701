#include "rz/server/request.h"

#include <doctest/doctest.h>

namespace rz::server {

TEST_CASE("a target is a path that stays encoded, and a query that is decoded") {
  const auto target = parse_target("/ready/a%2Fb?verbose&exclude=x+y&exclude=%C3%A4&=z&");
  REQUIRE(target);
  CHECK(target->path == "/ready/a%2Fb");
  CHECK(target->has("verbose"));
  CHECK_FALSE(target->has("x y"));
  CHECK(target->all("exclude") == std::vector<std::string>{"x y", "ä"});
}

TEST_CASE("a target may name scheme and host, and begin with its query") {
  CHECK(parse_target("http://host:1/live?x")->path == "/live");
  CHECK(parse_target("HTTPS://host")->path == "/");
  CHECK(parse_target("?verbose")->path == "/");
  CHECK(parse_target("")->path == "/");
  CHECK(parse_target("/live#top")->path == "/live");
}

TEST_CASE("what is not a path, or cannot be decoded, is refused") {
  CHECK_FALSE(parse_target("*"));
  CHECK_FALSE(parse_target("live"));
  CHECK_FALSE(parse_target("/live?x=%zz"));
  CHECK_FALSE(parse_target("/live?%1=x"));
}

TEST_CASE("the type that Accept wants most is chosen, by how exactly it is named") {
  const std::vector<std::string_view> offers = {"application/json", "application/health+json",
                                                "text/plain"};
  const auto chosen = [&](std::string_view accept) { return preferred_type(accept, offers); };
  CHECK(chosen("") == 0);
  CHECK(chosen("*/*") == 0);
  CHECK(chosen("text/plain") == 2);
  CHECK(chosen("TEXT/Plain; charset=utf-8") == 2);
  CHECK(chosen("text/*") == 2);
  CHECK(chosen("application/health+json, application/json;q=0.9") == 1);
  CHECK(chosen("application/json;q=0.1, text/plain;q=0.2") == 2);
  CHECK(chosen("*/*, application/json;q=0") == 1);
  CHECK(chosen("application/*;q=0.5, text/plain;q=0.4") == 0);
  CHECK(chosen("text/html, image/png") == 0);
  CHECK(chosen(";;,,/;q=x") == 0);
  CHECK(chosen("text/plain;q=nan") == 0);
}

TEST_CASE("a bearer token is the same byte for byte, or none") {
  CHECK(shows_token("Bearer abc", "abc"));
  CHECK(shows_token("bEARER  abc ", "abc"));
  for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer ab", "Bearer abcd", "Bearer abcabc",
                            "Bearer ABC", "Basic abc", "abc", "Bearerabc", "Bearer abd"}) {
    CAPTURE(wrong);
    CHECK_FALSE(shows_token(wrong, "abc"));
  }
}

TEST_CASE("where there is no token nothing shows it") {
  CHECK_FALSE(shows_token("Bearer ", ""));
  CHECK_FALSE(shows_token("Bearer x", ""));
  CHECK_FALSE(shows_token("", ""));
}

}  // namespace rz::server
