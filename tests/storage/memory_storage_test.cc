#include "rz/storage/memory_storage.h"

#include <doctest/doctest.h>

#include <memory>

#include "rz/storage/storage_wrapper.h"
#include "storage/storage_contract.h"

namespace rz::storage {
namespace {

/// A store, the clock it goes by, and handles that keep both alive.
StorageBackend memory_backend() {
  struct Memory {
    ManualClock clock;
    MemoryStorage storage{clock};
  };
  class Handle final : public StorageWrapper {
   public:
    explicit Handle(std::shared_ptr<Memory> memory)
        : StorageWrapper(memory->storage), memory_(std::move(memory)) {}

   private:
    std::shared_ptr<Memory> memory_;
  };
  const auto memory = std::make_shared<Memory>();
  return {.open = [memory] { return std::make_unique<Handle>(memory); },
          .advance = [memory](Millis time) { memory->clock.advance(time); }};
}

RZ_TEST_STORAGE_CONTRACT("memory", memory_backend);

TEST_CASE("a memory store says where it is") { CHECK(MemoryStorage().description() == "memory:"); }

TEST_CASE("a clock that is set back lengthens a life and breaks nothing") {
  ManualClock clock;
  MemoryStorage storage(clock);
  REQUIRE(storage.set("key", "value", Millis{10}));
  clock.set_now(clock.now() - std::chrono::hours{1});
  REQUIRE(storage.set("key", "value", Millis{5}));
  clock.advance(Millis{5});
  CHECK_FALSE(*storage.exists("key"));
}

}  // namespace
}  // namespace rz::storage
