#include "rz/runtime/history.h"

#include <doctest/doctest.h>

#include <filesystem>

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

TEST_CASE("whoever only reads makes no store, unless something of it is known") {
  const TempFolder folder;
  const std::string file = folder / "rz.db";
  World reader("", "sqlite:" + file);
  reader.runtime.read_absent_store_as_empty();
  REQUIRE(open_history(reader.runtime).has_value());
  CHECK(!std::filesystem::exists(file));

  World planner("", "sqlite:" + file);
  planner.runtime.never_create_store();
  REQUIRE(open_history_as_it_is(planner.runtime).has_value());
  CHECK(!std::filesystem::exists(file));
  CHECK(planner.warnings() ==
        std::vector<std::string>{"sqlite:" + file + " does not exist yet, and would be created"});
}

TEST_CASE("whoever only reads puts a store back that was lost") {
  const TempFolder folder;
  const std::string file = folder / "rz.db";
  World world("", "sqlite:" + file);
  REQUIRE((*world.runtime.manager())->set_mode("safe").has_value());
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file + ending);
  Notices notices;
  Runtime again({.storage_url = "sqlite:" + file, .storage_source = "--storage"}, notices);
  again.read_absent_store_as_empty();
  auto history = open_history(again);
  REQUIRE(history.has_value());
  CHECK(std::filesystem::exists(file));
  CHECK(history->log.list({})->size() == 1);
}

}  // namespace rz::runtime
