#include "rz/profile/profile.h"

#include <doctest/doctest.h>

#include "rz/profile/call_tree.h"

namespace rz::profile {

TEST_CASE("equal stacks are one, and a stack has a weight of each measure") {
  Profile profile({{"peak", Unit::bytes}, {"allocations", Unit::count}});
  profile.add({"main", "read"}, 0, 100);
  profile.add({"main", "read"}, 0, 20);
  profile.add({"main", "read"}, 1, 3);
  profile.add({"main"}, 1, 0);
  profile.add({"main"}, 1, -5);
  profile.add({}, 1, 5);
  REQUIRE(profile.stacks().size() == 1);
  CHECK(profile.stacks()[0].weights == std::vector<std::int64_t>{120, 3});
  CHECK(profile.total(0) == 120);
  CHECK(profile.total(1) == 3);
}

TEST_CASE("a function that calls itself counts once, and the heaviest stands first") {
  Profile profile({{"cpu", Unit::nanoseconds}});
  profile.add({"main", "walk", "walk", "walk"}, 0, 7);
  profile.add({"main", "walk", "sum"}, 0, 9);
  profile.add({"main"}, 0, 1);
  const auto functions = functions_of(profile, 0);
  REQUIRE(functions.size() == 3);
  CHECK(functions[0].name == "sum");
  CHECK(functions[0].self[0] == 9);
  CHECK(functions[1].name == "walk");
  CHECK(functions[1].self[0] == 7);
  CHECK(functions[1].total[0] == 16);
  CHECK(functions[2].name == "main");
  CHECK(functions[2].total[0] == 17);
}

TEST_CASE("neither deep stacks nor great weights go beyond a bound") {
  Profile profile({{"samples", Unit::count}});
  std::vector<std::string> deep(100'000, "again");
  deep.back() = "leaf";
  profile.add(deep, 0, Profile::kMostWeight);
  profile.add({"main"}, 0, Profile::kMostWeight);
  REQUIRE(profile.stacks().size() == 1);
  CHECK(profile.stacks()[0].frames.size() == Profile::kMostFrames);
  CHECK(profile.names()[profile.stacks()[0].frames.front()] == "…");
  CHECK(profile.names()[profile.stacks()[0].frames.back()] == "leaf");
  CHECK(profile.total(0) == Profile::kMostWeight);
  CHECK(depth_of(call_tree(profile, 0)) == Profile::kMostFrames);
}

TEST_CASE("a tree of two profiles has the paths of both") {
  Profile now({{"cpu", Unit::nanoseconds}});
  now.add({"main", "b"}, 0, 5);
  now.add({"main", "a"}, 0, 2);
  Profile before({{"samples", Unit::count}});
  before.add({"main", "b"}, 0, 1);
  before.add({"main", "gone"}, 0, 4);
  const CallNode root = call_tree(now, 0, &before);
  CHECK(root.total == 7);
  CHECK(root.before_total == 5);
  REQUIRE(root.children.size() == 1);
  const auto& calls = root.children[0].children;
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].name == "a");
  CHECK(calls[1].name == "b");
  CHECK(calls[1].self == 5);
  CHECK(calls[1].before_self == 1);
  CHECK(calls[2].name == "gone");
  CHECK(calls[2].total == 0);
}

}  // namespace rz::profile
