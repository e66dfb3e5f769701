#include "rz/storage/faulty_storage.h"

#include <doctest/doctest.h>

#include "rz/storage/memory_storage.h"
#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Operation = FaultyStorage::Operation;

struct FaultyStorageFixture {
  ManualClock clock;
  MemoryStorage memory{clock};
  FaultyStorage faulty{memory, clock};
};

/// Calls each operation once and says which of them failed, as `1` in their order.
std::string failures(FaultyStorage& storage) {
  const auto mark = [](const auto& result) { return result ? '0' : '1'; };
  const std::vector<std::string> keys = {"key"};
  std::string marks;
  marks += mark(storage.get("key"));
  marks += mark(storage.get_many(keys));
  marks += mark(storage.set("key", "1"));
  marks += mark(storage.remove("key"));
  marks += mark(storage.exists("key"));
  marks += mark(storage.scan_keys("*"));
  marks += mark(storage.expire("key", Millis{1}));
  marks += mark(storage.increment("n"));
  marks += mark(storage.commit({}));
  marks += mark(storage.read_log("log", {}));
  marks += mark(storage.read_collection("c:"));
  marks += mark(storage.health_check());
  return marks;
}

TEST_CASE_FIXTURE(FaultyStorageFixture, "without a fault it is the store behind it") {
  CHECK(failures(faulty) == "000000000000");
  REQUIRE(faulty.set("key", "value"));
  CHECK(ok(memory.get("key")) == "value");
  CHECK(faulty.description() == memory.description());
}

TEST_CASE_FIXTURE(FaultyStorageFixture,
                  "every operation can fail, alone or with all others, until it is healed") {
  for (int i = 0; i < 12; ++i) {
    std::string expected(12, '0');
    expected[static_cast<std::size_t>(i)] = '1';
    faulty.inject(Fault::failure(), {.operation = static_cast<Operation>(i)});
    CHECK(failures(faulty) == expected);
    faulty.heal();
  }
  faulty.inject(Fault::failure());
  CHECK(failures(faulty) == "111111111111");
  faulty.heal();
  CHECK(failures(faulty) == "000000000000");
}

TEST_CASE_FIXTURE(FaultyStorageFixture, "the nth call fails, counted from the injection") {
  REQUIRE(faulty.set("key", "0"));
  faulty.inject(Fault::failure(ErrorCode::auth),
                {.operation = Operation::set, .first = 2, .count = 2});
  CHECK(faulty.set("key", "1"));
  CHECK(faulty.get("key"));
  CHECK(code_of(faulty.set("key", "2")) == ErrorCode::auth);
  CHECK(code_of(faulty.set("key", "3")) == ErrorCode::auth);
  CHECK(ok(faulty.get("key")) == "1");
  CHECK(faulty.set("key", "4"));
}

TEST_CASE_FIXTURE(FaultyStorageFixture,
                  "the first fault injected comes first, and each counts for itself") {
  faulty.inject(Fault::failure(ErrorCode::auth), {.count = 1});
  faulty.inject(Fault::failure(ErrorCode::corrupt), {.count = 2});
  CHECK(code_of(faulty.get("key")) == ErrorCode::auth);
  CHECK(code_of(faulty.get("key")) == ErrorCode::corrupt);
  CHECK(faulty.get("key"));
}

TEST_CASE_FIXTURE(FaultyStorageFixture,
                  "a lost request and a lost answer look alike to the caller alone") {
  const TimePoint start = clock.now();
  faulty.inject(Fault::lost_request(Millis{5'000}), {.count = 1});
  CHECK(code_of(faulty.set("key", "1")) == ErrorCode::timeout);
  CHECK(clock.now() - start == Millis{5'000});
  CHECK(ok(memory.get("key")) == std::nullopt);

  faulty.inject(Fault::lost_answer(Millis{5'000}), {.count = 1});
  CHECK(code_of(faulty.set("key", "2")) == ErrorCode::timeout);
  CHECK(clock.now() - start == Millis{10'000});
  CHECK(ok(memory.get("key")) == "2");
}

TEST_CASE_FIXTURE(FaultyStorageFixture, "a late answer is right, and time has passed") {
  REQUIRE(memory.set("key", "value"));
  const TimePoint start = clock.now();
  faulty.inject(Fault::late(Millis{700}));
  CHECK(ok(faulty.get("key")) == "value");
  CHECK(clock.now() - start == Millis{700});
}

TEST_CASE_FIXTURE(FaultyStorageFixture,
                  "calls are counted, those of many threads and those that fail too") {
  faulty.inject(Fault::failure(), {.operation = Operation::get, .first = 100, .count = 50});
  const int clean = race(8, [&](int) {
    int failed = 0;
    for (int i = 0; i < 100; ++i) failed += !faulty.get("key") + !faulty.exists("key");
    return failed == 0;
  });
  CHECK(clean < 8);
  CHECK(faulty.calls() == 1600);
  CHECK(faulty.calls(Operation::get) == 800);
  CHECK(faulty.calls(Operation::commit) == 0);
  faulty.heal();
  CHECK(faulty.calls() == 1600);
}

}  // namespace
}  // namespace rz::storage
