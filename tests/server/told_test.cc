#include "rz/server/told.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz::server {

TEST_CASE("what stays is said once, and again after it was gone") {
  std::vector<std::string> said;
  ToldOnce told([&](const Notice& notice) { said.push_back(notice.what); });
  const auto round = [&](const std::vector<std::string>& sentences) {
    said.clear();
    for (const std::string& each : sentences) told.warn(each);
    told.end_round();
    return said;
  };
  using Said = std::vector<std::string>;
  CHECK(round({"a", "a", "b"}) == Said{"a", "b"});
  CHECK(round({"a", "c"}) == Said{"c"});
  CHECK(round({}) == Said{});
  CHECK(round({"a"}) == Said{"a"});
}

}  // namespace rz::server
