#include "rz/storage/reopening_storage.h"

#include <doctest/doctest.h>

#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::storage {
namespace {

struct Reopened {
  ManualClock clock;
  int tries = 0;
  bool back = false;
  ReopeningStorage store{[this]() -> Result<std::unique_ptr<Storage>> {
                           ++tries;
                           if (!back) return fail(ErrorCode::unavailable, "still away");
                           return std::make_unique<MemoryStorage>(clock);
                         },
                         Error{ErrorCode::unavailable, "away", {}}, "redis://host", clock};
};

}  // namespace

TEST_CASE("a store that cannot be opened is tried again, now and then, until it is there") {
  Reopened world;
  CHECK(message_of(world.store.get("k")) == "redis://host: away");
  CHECK(world.tries == 0);
  world.clock.advance(ReopeningStorage::kReopenPause);
  CHECK(message_of(world.store.set("k", "v", std::nullopt)) == "redis://host: still away");
  CHECK(message_of(world.store.get("k")) == "redis://host: still away");
  CHECK(world.tries == 1);
  CHECK(world.store.description() == "redis://host");
  world.back = true;
  CHECK_FALSE(world.store.get("k").has_value());
  world.clock.advance(ReopeningStorage::kReopenPause);
  ok(world.store.set("k", "v", std::nullopt));
  CHECK(ok(world.store.get("k")) == "v");
  CHECK(world.tries == 2);
  CHECK(world.store.description() != "redis://host");
}

TEST_CASE("a call while another opens the store does not wait for it") {
  ManualClock clock;
  ReopeningStorage* store = nullptr;
  std::optional<ErrorCode> meanwhile;
  ReopeningStorage reopening(
      [&]() -> Result<std::unique_ptr<Storage>> {
        meanwhile = code_of(store->get("k"));
        return std::make_unique<MemoryStorage>(clock);
      },
      Error{ErrorCode::timeout, "away", {}}, "redis://host", clock);
  store = &reopening;
  clock.advance(ReopeningStorage::kReopenPause);
  CHECK(reopening.health_check().has_value());
  CHECK(meanwhile == ErrorCode::timeout);
}

}  // namespace rz::storage
