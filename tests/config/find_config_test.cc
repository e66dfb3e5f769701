#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::environment_of;

TEST_CASE("flag before variable before the user's file before the machine's") {
  const testing::Files home;
  const std::string users = home.write(".config/rz/rz.yaml", "");
  const std::string xdg = home.write("xdg/rz/rz.yaml", "");
  const testing::Variables all = {
      {"RZ_CONFIG", "/named"}, {"XDG_CONFIG_HOME", home.path() + "/xdg"}, {"HOME", home.path()}};
  CHECK(find_config("/flag", environment_of(all)) == "/flag");
  CHECK(find_config("", environment_of(all)) == "/named");
  CHECK(find_config("", environment_of({{"RZ_CONFIG", ""},
                                        {"XDG_CONFIG_HOME", home.path() + "/xdg"},
                                        {"HOME", home.path()}})) == xdg);
  CHECK(find_config("", environment_of({{"HOME", home.path()}})) == users);
  CHECK(find_config("", environment_of({{"XDG_CONFIG_HOME", "relative"}, {"HOME", home.path()}})) ==
        users);
}

TEST_CASE("the places that were looked at are told, and whether something is there") {
  const testing::Files home;
  const auto candidates = config_candidates("", environment_of({{"HOME", home.path()}}));
  REQUIRE(candidates.size() == 2);
  CHECK(candidates[0].path == home.path() + "/.config/rz/rz.yaml");
  CHECK(candidates[0].source == "of the user");
  CHECK(!candidates[0].counts);
  CHECK(candidates[1].path == "/etc/rz/rz.yaml");
  CHECK(config_candidates("", environment_of({})).size() == 1);
  const auto flag = config_candidates("/nowhere", environment_of({}));
  REQUIRE(flag.size() == 1);
  CHECK(flag[0].counts);
}

}  // namespace rz::config
