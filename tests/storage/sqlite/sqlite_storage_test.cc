#include "rz/storage/sqlite/sqlite_storage.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "storage/sqlite/raw_sqlite.h"
#include "storage/storage_contract.h"
#include "support/patient_store.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

/// A fresh file, the clock it goes by, and the folder that goes when the last handle is gone.
StorageBackend sqlite_backend() {
  struct File {
    TempFolder folder;
    ManualClock clock;
  };
  const auto file = std::make_shared<File>();
  return {.open = [file] { return ok(test::open_patiently(file->folder / "rz.db", file->clock)); },
          .advance = [file](Millis time) { file->clock.advance(time); }};
}

RZ_TEST_STORAGE_CONTRACT("SQLite", sqlite_backend);

StorageOptions with_timeout(Millis timeout) {
  StorageOptions options;
  options.timeout = timeout;
  return options;
}

StorageOptions with_deadline(Millis deadline) {
  StorageOptions options;
  options.deadline = deadline;
  return options;
}

StorageOptions with_prefix(std::string prefix) {
  StorageOptions options;
  options.key_prefix = std::move(prefix);
  return options;
}

TEST_CASE("what was written is there when the file is opened again, expiries too") {
  const TempFolder folder;
  ManualClock clock;
  {
    const auto storage = ok(open_sqlite_storage(folder / "rz.db", {}, clock));
    REQUIRE(storage->set("stays", "1"));
    REQUIRE(storage->set("ends", "1", Millis{100}));
    REQUIRE(ok(storage->commit(Batch().append("log", clock.now(), "record"))) == Commit::done);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "rz.db-wal"));
  clock.advance(Millis{99});
  const auto storage = ok(open_sqlite_storage(folder / "rz.db", {}, clock));
  CHECK(ok(storage->get("stays")) == "1");
  CHECK(ok(storage->exists("ends")));
  CHECK(ok(storage->read_log("log", {})).size() == 1);
  clock.advance(Millis{1});
  CHECK_FALSE(ok(storage->exists("ends")));
}

TEST_CASE("a write waits no longer than its timeout for another one; a read does not wait") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  const StorageOptions options = with_timeout(Millis{30});
  const auto storage = ok(open_sqlite_storage(path, options));
  REQUIRE(storage->set("key", "1"));
  RawSqlite other(path);
  other.query("BEGIN IMMEDIATE");
  const std::string locked =
      "sqlite:" + path + ": locked by another process for 30ms; look for one that hangs";
  CHECK(code_of(storage->set("key", "2")) == ErrorCode::unavailable);
  CHECK(message_of(storage->set("key", "2")) == locked);
  CHECK(message_of(storage->commit(Batch().set("key", "2"))) == locked);
  CHECK(message_of(storage->increment("n")) == locked);
  CHECK(ok(storage->get("key")) == "1");
  CHECK(storage->health_check());
  other.query("ROLLBACK");
  CHECK(storage->set("key", "2"));
}

TEST_CASE("opening a file that is locked waits no longer than its timeout either") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  static_cast<void>(ok(open_sqlite_storage(path)));
  RawSqlite other(path);
  other.query("PRAGMA journal_mode = DELETE");  // Where a lock is for readers, too.
  other.query("BEGIN EXCLUSIVE");
  const StorageOptions options = with_timeout(Millis{30});
  CHECK(code_of(open_sqlite_storage(path, options)) == ErrorCode::unavailable);
  other.query("ROLLBACK");
  CHECK(open_sqlite_storage(path, options));
}

TEST_CASE("a call past its deadline is broken off") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  Batch batch;
  for (int i = 0; i < 20'000; ++i) batch.append("log", TimePoint{Micros{i}}, "");
  REQUIRE(ok(ok(open_sqlite_storage(path))->commit(batch)) == Commit::done);
  const auto hurried = ok(open_sqlite_storage(path, with_deadline(Millis{0})));
  const auto records = hurried->read_log("log", {.limit = 20'000});
  CHECK(code_of(records) == ErrorCode::timeout);
  CHECK(message_of(records) ==
        "sqlite:" + path + ": not finished after 0s; ask for less or allow more time");
  CHECK(ok(hurried->read_log("log", {.limit = 10})).size() == 10);
}

TEST_CASE("stores with different prefixes in one file are apart") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  const auto bare = ok(open_sqlite_storage(path));
  const auto a = ok(open_sqlite_storage(path, with_prefix("a*:")));
  const auto b = ok(open_sqlite_storage(path, with_prefix("b:")));
  const TimePoint time{Micros{1}};
  for (const auto* storage : {&a, &b}) {
    REQUIRE((*storage)->set("key", "1"));
    REQUIRE(ok((*storage)->commit(Batch().append("log", time, "record").set("", "2"))) ==
            Commit::done);
    CHECK(ok((*storage)->increment("n")) == 1);
    CHECK(ok(scan_all_keys(**storage, "*")) ==
          std::vector<std::string>{"", "key", "log:0.000001", "n"});
    CHECK(ok(scan_all_keys(**storage, "k*")) == std::vector<std::string>{"key"});
    CHECK(ok((*storage)->read_log("log", {})).size() == 1);
  }
  CHECK(ok(b->remove("key")));
  CHECK(ok(a->get("key")) == "1");
  CHECK(ok(bare->get("a*:key")) == "1");
  CHECK(ok(bare->read_log("a*:log", {})).size() == 1);
  CHECK(ok(scan_all_keys(*bare, "*")).size() == 7);
}

TEST_CASE("what has expired is deleted by later writes, step by step") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  ManualClock clock;
  const auto storage = ok(open_sqlite_storage(path, {}, clock));
  Batch batch;
  for (int i = 0; i < 100; ++i) {
    batch.append("log", clock.now() + Micros{i}, "record", Millis{10});
  }
  REQUIRE(ok(storage->commit(batch)) == Commit::done);
  clock.advance(Millis{10});
  const auto rows = [&] { return std::stoi(query(path, "SELECT count(*) FROM entry")); };
  CHECK(rows() == 100);
  REQUIRE(storage->set("key", "value"));
  CHECK(rows() < 100);
  CHECK(rows() > 80);
  for (int i = 0; i < 20; ++i) REQUIRE(storage->set("key", "value"));
  CHECK(rows() == 1);
}

TEST_CASE("a clock that is far ahead deletes nothing that the right one still shows") {
  constexpr Millis kDay{std::chrono::hours{24}};
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  ManualClock clock;
  ManualClock ahead;
  ahead.advance(100 * kDay);
  const auto storage = ok(open_sqlite_storage(path, {}, clock));
  SUBCASE("a file of this rz") {}
  SUBCASE("a file of an earlier one") { query(path, "DROP TABLE clock"); }
  REQUIRE(ok(storage->commit(Batch().append("log", clock.now(), "record", 90 * kDay))) ==
          Commit::done);
  const auto wrong = ok(open_sqlite_storage(path, {}, ahead));
  for (int i = 0; i < 20; ++i) REQUIRE(wrong->set("key", "value"));
  CHECK(ok(storage->read_log("log", {})).size() == 1);

  // Where somebody writes every day, what has expired is deleted on the day.
  const auto rows = [&] { return std::stoi(query(path, "SELECT count(*) FROM entry")); };
  for (int day = 0; day < 90; ++day) {
    clock.advance(kDay);
    CHECK(rows() == 2);
    REQUIRE(storage->set("key", "value"));
  }
  CHECK(rows() == 1);
}

TEST_CASE("a record lives from its own time on, also if the clock of who writes it is behind") {
  constexpr Millis kDay{std::chrono::hours{24}};
  const TempFolder folder;
  ManualClock clock;
  ManualClock behind;
  clock.advance(100 * kDay);
  const TimePoint time = clock.now();
  const auto writer = ok(open_sqlite_storage(folder / "rz.db", {}, behind));
  REQUIRE(ok(writer->commit(Batch().append("log", time, "record", 90 * kDay))) == Commit::done);
  const auto reader = ok(open_sqlite_storage(folder / "rz.db", {}, clock));
  CHECK(ok(reader->read_log("log", {})).size() == 1);
  clock.advance(90 * kDay);
  CHECK(ok(reader->read_log("log", {})).empty());
}

TEST_CASE("an expired record does not come back into its log when its key is set") {
  const TempFolder folder;
  ManualClock clock;
  const auto storage = ok(open_sqlite_storage(folder / "rz.db", {}, clock));
  Batch batch;
  for (int i = 0; i < 100; ++i) batch.append("log", TimePoint{Micros{i}}, "record", Millis{10 + i});
  REQUIRE(ok(storage->commit(batch)) == Commit::done);
  clock.advance(Millis{1'000});
  // The last to expire is the last to be deleted: its row is still there.
  REQUIRE(storage->set(log_key("log", TimePoint{Micros{99}}), "plain"));
  CHECK(ok(storage->read_log("log", {})).empty());
  CHECK(ok(storage->get(log_key("log", TimePoint{Micros{99}}))) == "plain");
}

}  // namespace
}  // namespace rz::storage
