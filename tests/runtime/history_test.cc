#include "rz/runtime/history.h"

#include <doctest/doctest.h>

#include "rz/fallback/fallback_manager.h"
#include "support/temp_folder.h"
#include "world.h"

namespace rz::runtime {

using testing::World;

TEST_CASE("the history of the store, and whether it is all that this host knows of") {
  World world("");
  REQUIRE((*world.runtime.manager())->set_mode("safe").has_value());
  auto history = open_history(world.runtime);
  REQUIRE(history.has_value());
  CHECK(history->whole);
  const auto all = history->log.list({});
  REQUIRE(all.has_value());
  CHECK(all->size() == 1);
}

TEST_CASE("a history that would be gone at once is not changed") {
  World world("");
  CHECK(!open_history_to_change(world.runtime).has_value());
  const TempFolder folder;
  World lasting("", "sqlite:" + (folder / "rz.db"));
  CHECK(open_history_to_change(lasting.runtime).has_value());
}

}  // namespace rz::runtime
