// One SQLite file, many processes.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <string>

#include "rz/storage/sqlite/sqlite_storage.h"
#include "storage/child_process.h"
#include "storage/sqlite/raw_sqlite.h"
#include "storage/storage_contract.h"
#include "support/patient_store.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

using test::open_patiently;

TEST_CASE("24 processes open a missing file at once") {
  const TempFolder folder;
  for (int round = 0; round < 10; ++round) {
    const std::string path = folder / (std::to_string(round) + "/deep/rz.db");
    CHECK(race_processes(24, [&](int child) {
            const auto storage = open_patiently(path);
            return storage && (*storage)->set("child" + std::to_string(child), "") ? 0 : 1;
          }) == 24);
    CHECK(ok(scan_all_keys(*ok(open_patiently(path)), "child*")).size() == 24);
  }
}

TEST_CASE("16 processes race for every epoch, and one wins it") {
  constexpr int kEpochs = 20;
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  REQUIRE(ok(open_patiently(path))->set("epoch", "0"));
  CHECK(race_processes(16, [&](int child) {
          const auto storage = open_patiently(path);
          if (!storage) return 1;
          for (int wins = 0;;) {
            const auto epoch = (*storage)->get("epoch");
            if (!epoch || !*epoch) return 2;
            const int current = std::stoi(**epoch);
            const std::string own = "wins" + std::to_string(child);
            if (current == kEpochs) {
              return (*storage)->set(own, std::to_string(wins)) ? 0 : 3;
            }
            // The time differs, so that the expectation alone tells winner and losers apart.
            const auto won =
                (*storage)->commit(Batch()
                                       .expect("epoch", **epoch)
                                       .set("epoch", std::to_string(current + 1))
                                       .append("log", at(current * 100 + child), **epoch));
            if (!won) return 4;
            wins += *won == Commit::done;
          }
        }) == 16);
  const auto storage = ok(open_patiently(path));
  int wins = 0;
  for (const auto& count : ok(storage->get_many(ok(scan_all_keys(*storage, "wins*"))))) {
    wins += std::stoi(*count);
  }
  CHECK(wins == kEpochs);
  const auto records = ok(storage->read_log("log", {}));
  REQUIRE(records.size() == kEpochs);
  for (int i = 0; i < kEpochs; ++i) {
    CHECK(records[static_cast<std::size_t>(i)].value == std::to_string(i));
  }
}

TEST_CASE("24 processes lose no increment") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  CHECK(race_processes(24, [&](int) {
          const auto storage = open_patiently(path);
          for (int i = 0; i < 20; ++i) {
            if (!storage || !(*storage)->increment("n")) return 1;
          }
          return 0;
        }) == 24);
  CHECK(ok(ok(open_patiently(path))->get("n")) == "480");
}

/// Commits 1, 2, 3 …, saying each on `acknowledged` when it is done.
int write_for_ever(const std::string& path, int acknowledged) {
  const auto storage = open_patiently(path);
  if (!storage) return 1;
  for (;;) {
    const auto last = (*storage)->get("last");
    if (!last) return 2;
    const int next = *last ? std::stoi(**last) + 1 : 1;
    Batch batch;
    batch.expectations.push_back({"last", *last});
    batch.set("last", std::to_string(next)).append("log", at(next), std::string(5'000, 'x'));
    const auto committed = (*storage)->commit(batch);
    if (!committed || *committed != Commit::done) return 3;
    if (!write_all(acknowledged,
                   std::string_view(reinterpret_cast<const char*>(&next), sizeof next))) {
      return 4;
    }
  }
}

TEST_CASE("a writer that is killed loses nothing that it acknowledged, and breaks nothing") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  int acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const UniqueFd from(ends[0]);
    UniqueFd to(ends[1]);
    ChildProcess writer([&] { return write_for_ever(path, to.get()); });
    to.reset();
    const int enough = acknowledged + 1 + round * 7 % 23;
    int number = 0;
    while (number < enough && ::read(from.get(), &number, sizeof number) == sizeof number) {
    }
    writer.kill();
    CHECK(writer.wait() == 128 + SIGKILL);
    while (::read(from.get(), &number, sizeof number) == sizeof number) {
    }
    acknowledged = number;

    const auto storage = ok(open_patiently(path));
    const int last = std::stoi(ok(storage->get("last")).value());
    // The one that was under way may have got through, unacknowledged.
    CHECK(last >= acknowledged);
    CHECK(last <= acknowledged + 1);
    const auto records = ok(storage->read_log("log", {.limit = 100'000}));
    REQUIRE(records.size() == static_cast<std::size_t>(last));
    CHECK(records.front().time == at(1));
    CHECK(records.back().time == at(last));
  }
  CHECK(query(path, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("a store does not outlive a fork, and the parent's is not harmed") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  auto storage = ok(open_patiently(path));
  REQUIRE(storage->set("key", "1"));
  ChildProcess child([&] {
    const auto value = storage->get("key");
    storage.reset();
    return !value && value.error().code == ErrorCode::internal ? 0 : 1;
  });
  CHECK(child.wait() == 0);
  CHECK(ok(storage->get("key")) == "1");
  REQUIRE(storage->set("key", "3"));
  CHECK(query(path, "PRAGMA integrity_check") == "ok");
}

}  // namespace
}  // namespace rz::storage
