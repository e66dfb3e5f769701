#include "rz/storage/read_ahead.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Operation = FaultyStorage::Operation;
using Strings = std::vector<std::string>;

struct ReadAheadFixture {
  ReadAheadFixture() {
    REQUIRE(store.set("a", "1"));
    REQUIRE(store.set("b", "2"));
    REQUIRE(store.commit(Batch().set_member("c:", "x", "3")));
  }

  /// How many reads the store has answered.
  std::size_t reads() const {
    return store.calls(Operation::get) + store.calls(Operation::get_many) +
           store.calls(Operation::read_collection);
  }

  ManualClock clock;
  MemoryStorage memory{clock};
  FaultyStorage store{memory, clock};
  ReadAhead ahead{std::make_unique<StorageWrapper>(static_cast<Storage&>(store))};
  const ReadSet all{{"a", "b", "nosuch"}, {"c:"}, {"log", "empty"}};
};

TEST_CASE_FIXTURE(ReadAheadFixture, "a log that is empty is not asked again, one that is not is") {
  REQUIRE(store.commit(Batch().append("log", TimePoint{}, "record")));
  ahead.fetch(all);
  const std::size_t before = store.calls(Operation::read_log);
  CHECK(ok(ahead.read_log("empty", {})).empty());
  CHECK(store.calls(Operation::read_log) == before);
  CHECK(ok(ahead.read_log("log", {})).size() == 1);
  REQUIRE(store.commit(Batch().append("empty", TimePoint{}, "record")));
  CHECK(ok(ahead.read_log("empty", {})).size() == 1);
  CHECK(store.calls(Operation::read_log) == before + 2);
}

TEST_CASE_FIXTURE(ReadAheadFixture,
                  "what was read ahead is answered once, then the store is asked") {
  ahead.fetch(all);
  const std::size_t before = reads();
  REQUIRE(memory.set("a", "new"));
  CHECK(ok(ahead.get("a")) == "1");
  CHECK(ok(ahead.get_many(Strings{"b", "nosuch", "b"})) ==
        std::vector<std::optional<std::string>>{"2", std::nullopt, "2"});
  CHECK(ok(ahead.read_collection("c:")) == std::vector<KeyValue>{{"c:x", "3"}});
  CHECK(reads() == before);
  CHECK(ok(ahead.get("a")) == "new");
  CHECK(ok(ahead.get_many(Strings{"b"})).front() == "2");
  CHECK(ok(ahead.read_collection("c:")).size() == 1);
  CHECK(reads() == before + 3);
}

TEST_CASE_FIXTURE(ReadAheadFixture, "keys of which one was not read ahead are all asked for") {
  ahead.fetch(all);
  REQUIRE(memory.set("a", "new"));
  CHECK(ok(ahead.get_many(Strings{"a", "other"})).front() == "new");
}

TEST_CASE_FIXTURE(ReadAheadFixture,
                  "whoever writes and reads again is never answered from before") {
  const std::vector<std::function<void()>> writes = {
      [&] { REQUIRE(ahead.set("k", "v")); },
      [&] { REQUIRE(ahead.remove("k")); },
      [&] { REQUIRE(ahead.expire("k", Millis{1})); },
      [&] { REQUIRE(ahead.increment("n")); },
      [&] { REQUIRE(ahead.commit(Batch().set("k", "v"))); },
      // Also what was refused: somebody else has written.
      [&] { REQUIRE(ok(ahead.commit(Batch().expect("k", "no"))) == Commit::refused); },
  };
  for (std::size_t i = 0; i < writes.size(); ++i) {
    ahead.fetch(all);
    REQUIRE(memory.set("a", std::to_string(i)));
    REQUIRE(memory.commit(Batch().set_member("c:", std::to_string(i), "v")));
    writes[i]();
    CHECK(ok(ahead.get("a")) == std::to_string(i));
    CHECK(ok(ahead.read_collection("c:")).size() == i + 2);
  }
}

TEST_CASE_FIXTURE(ReadAheadFixture,
                  "an outage is the answer to what was to be read, without another wait") {
  store.inject(Fault::lost_request(std::chrono::seconds{4}));
  const auto start = clock.monotonic();
  ahead.fetch(all);
  CHECK(clock.monotonic() - start == std::chrono::seconds{4});
  CHECK(code_of(ahead.get("a")) == ErrorCode::timeout);
  CHECK(code_of(ahead.read_collection("c:")) == ErrorCode::timeout);
  CHECK(clock.monotonic() - start == std::chrono::seconds{4});
}

TEST_CASE_FIXTURE(ReadAheadFixture, "an error of one key is that of nothing else") {
  store.inject(Fault::failure(ErrorCode::corrupt), {.operation = Operation::get, .count = 1});
  ahead.fetch(all);
  CHECK(code_of(ahead.get("a")) == ErrorCode::corrupt);
  CHECK(ok(ahead.get("b")) == "2");
  // Of many it is the error of all.
  store.inject(Fault::failure(ErrorCode::corrupt), {.operation = Operation::get, .count = 1});
  ahead.fetch(all);
  CHECK(code_of(ahead.get_many(Strings{"b", "a"})) == ErrorCode::corrupt);
}

}  // namespace
}  // namespace rz::storage
