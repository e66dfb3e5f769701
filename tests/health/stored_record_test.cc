#include "rz/health/stored_record.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "rz/base/json_members.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::health {
namespace {

/// A store in which somebody else always writes `r:key` just before a commit, so many times.
class RacedStorage final : public storage::StorageWrapper {
 public:
  RacedStorage(Storage& target, int races) : storage::StorageWrapper(target), races_(races) {}

  Result<Commit> commit(const Batch& batch) override {
    if (races_-- > 0) {
      ++value_;
      REQUIRE(target().set("r:key", "{\"n\":" + std::to_string(value_) + "}"));
    }
    return target().commit(batch);
  }

 private:
  int races_;
  int value_ = 0;
};

Result<Value> plus_one(const std::optional<Value>& before) {
  return Value::object({{"n", before ? integer_or(*before, "n") + 1 : 1}});
}

TEST_CASE("a record is made, changed and read") {
  storage::MemoryStorage storage;
  CHECK_FALSE(ok(read_record(storage, "r:key")));
  CHECK(ok(update_record(storage, "r:", "key", plus_one)) == Value::object({{"n", 1}}));
  CHECK(ok(update_record(storage, "r:", "key", plus_one)) == Value::object({{"n", 2}}));
  CHECK(ok(read_record(storage, "r:key")) == Value::object({{"n", 2}}));
}

TEST_CASE("a name that no table can show is refused, and nothing is written") {
  storage::MemoryStorage storage;
  CHECK(update_record(storage, "r:", std::string(kMaxRecordName, 'a'), plus_one));
  const Error error =
      error_of(update_record(storage, "r:", std::string(kMaxRecordName + 1, 'a'), plus_one));
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.message == "a name may have 255 bytes at most, but this has 256");
  CHECK(ok(storage.read_collection("r:")).size() == 1);
}

TEST_CASE("a lost race is run again on what won it") {
  storage::MemoryStorage memory;
  RacedStorage storage(memory, 3);
  CHECK(ok(update_record(storage, "r:", "key", plus_one)) == Value::object({{"n", 4}}));
}

TEST_CASE("who loses every race gives up with an error") {
  storage::MemoryStorage memory;
  RacedStorage storage(memory, 1'000'000);
  const auto updated = update_record(storage, "r:", "key", plus_one);
  REQUIRE_FALSE(updated);
  CHECK(updated.error() ==
        Error{ErrorCode::conflict, "the record kept changing; try again", "r:key"});
}

TEST_CASE("a change that fails writes nothing") {
  storage::MemoryStorage storage;
  const auto refuse = [](const std::optional<Value>&) -> Result<Value> {
    return fail(ErrorCode::invalid_argument, "no");
  };
  CHECK(code_of(update_record(storage, "r:", "key", refuse)) == ErrorCode::invalid_argument);
  CHECK_FALSE(ok(storage.exists("r:key")));
}

TEST_CASE("the key in an error is printable") {
  storage::MemoryStorage storage;
  REQUIRE(storage.set("k\x1b", "7"));
  const auto record = read_record(storage, "k\x1b");
  REQUIRE_FALSE(record);
  CHECK(record.error().where == "k\\x1b");
}

}  // namespace
}  // namespace rz::health
