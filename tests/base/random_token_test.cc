#include "rz/base/random_token.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

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

}  // namespace
}  // namespace rz
