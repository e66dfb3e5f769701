#include "rz/storage/storage.h"

#include <doctest/doctest.h>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "storage/storage_contract.h"
#include "support/results.h"

namespace rz::storage {
namespace {

TEST_CASE("a batch is built in the order of the calls") {
  const TimePoint time{Micros{5}};
  Batch batch;
  batch.expect("a", "1").expect_absent("b").set("c", "2").set("d", "3", Millis{7});
  batch.remove("e").append("log", time, "4").append("log", time, "5", Millis{8});
  REQUIRE(batch.expectations.size() == 2);
  CHECK(batch.expectations[0].key == "a");
  CHECK(batch.expectations[0].value == "1");
  CHECK(batch.expectations[1].key == "b");
  CHECK(batch.expectations[1].value == std::nullopt);
  REQUIRE(batch.writes.size() == 5);
  CHECK(std::get<Batch::Set>(batch.writes[0]).expire == std::nullopt);
  CHECK(std::get<Batch::Set>(batch.writes[1]).expire == Millis{7});
  CHECK(std::get<Batch::Remove>(batch.writes[2]).key == "e");
  CHECK(std::get<Batch::Append>(batch.writes[3]).time == time);
  CHECK(std::get<Batch::Append>(batch.writes[4]).expire == Millis{8});
}

TEST_CASE("a record's key is that of the old system") {
  const auto key = [](std::int64_t micros) {
    return log_key("fallback:transition", TimePoint{Micros{micros}});
  };
  CHECK(key(1'700'000'000'123'456) == "fallback:transition:1700000000.123456");
  CHECK(key(1'700'000'000'000'000) == "fallback:transition:1700000000.000000");
  CHECK(key(1) == "fallback:transition:0.000001");
  CHECK(log_key("", TimePoint{}) == ":0.000000");
}

TEST_CASE("scan_all_keys sorts, and lists a key that came twice once") {
  /// Serves what a hash table being resized would.
  class Resizing final : public StorageWrapper {
   public:
    using StorageWrapper::StorageWrapper;
    Result<ScanPage> scan_keys(std::string_view, std::string_view cursor) override {
      if (cursor.empty()) return ScanPage{{"b", "a"}, "1"};
      if (cursor == "1") return ScanPage{{}, "2"};
      return ScanPage{{"c", "a"}, ""};
    }
  };
  MemoryStorage memory;
  Resizing storage(memory);
  CHECK(ok(scan_all_keys(storage, "*")) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("scan_all_keys fails if any page does") {
  MemoryStorage memory;
  Batch batch;
  for (int i = 0; i < 2500; ++i) batch.set("k" + std::to_string(i), "");
  REQUIRE(ok(memory.commit(batch)) == Commit::done);
  FaultyStorage storage(memory, SystemClock::instance());
  storage.inject(Fault::failure(ErrorCode::auth), {.first = 3});
  CHECK(code_of(scan_all_keys(storage, "*")) == ErrorCode::auth);
}

}  // namespace
}  // namespace rz::storage
