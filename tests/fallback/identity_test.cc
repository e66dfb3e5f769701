#include "rz/fallback/identity.h"

#include <doctest/doctest.h>

#include <set>

namespace rz {
namespace {

TEST_CASE("a token is 16 hexadecimal digits and never the same") {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = random_token();
    CHECK(token.size() == 16);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    tokens.insert(token);
  }
  CHECK(tokens.size() == 1000);
}

TEST_CASE("there is a user and a host, and they stay") {
  CHECK_FALSE(user_name().empty());
  CHECK_FALSE(host_name().empty());
  CHECK(user_name() == user_name());
  CHECK(host_name() == host_name());
}

}  // namespace
}  // namespace rz
