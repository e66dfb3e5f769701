// The index of the history and the mark that says that it is complete.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

constexpr Millis kOneDay{std::chrono::hours{24}};
const std::string kIndex = "rz:log:fallback:transition";

/// The history of a real Redis, whose index is a key that can be lost by itself.
struct HistoryIndexFixture {
  test::RedisServer server;
  std::unique_ptr<Storage> storage = ok(open_storage({.url = server.url()}));
  storage::FaultyStorage counting{*storage, SystemClock::instance()};
  TransitionLog log{counting, kOneDay};

  /// So many transitions, as a manager makes them.
  void decide(int count) {
    for (int i = 0; i < count; ++i) {
      FallbackManager manager(*storage);
      const Mode mode = mode_in(manager);
      REQUIRE(ok(manager.cascade(mode == Mode::primary ? failed(2) : kHealthy)).changed());
    }
  }

  std::vector<std::int64_t> epochs() {
    std::vector<std::int64_t> found;
    for (const Transition& record : ok(log.list({}))) found.push_back(record.epoch.value_or(0));
    return found;
  }

  std::size_t scans() { return counting.calls(storage::FaultyStorage::Operation::scan_keys); }
};

using Epochs = std::vector<std::int64_t>;

TEST_CASE_FIXTURE(HistoryIndexFixture,
                  "a history is marked, and nobody scans for what has no index") {
  decide(3);
  CHECK(ok(log.index().is_complete()));
  CHECK(epochs() == Epochs{1, 2, 3});
  CHECK(scans() == 0);
}

TEST_CASE_FIXTURE(HistoryIndexFixture,
                  "the index is lost: the mark is lost with it, and every record is found") {
  decide(3);
  REQUIRE(server.command({"DEL", kIndex}).integer == 1);
  CHECK_FALSE(ok(log.index().is_complete()));
  CHECK(epochs() == Epochs{1, 2, 3});
  // What is written then makes a new index, which is not the whole one.
  decide(1);
  CHECK_FALSE(ok(log.index().is_complete()));
  CHECK(epochs() == Epochs{1, 2, 3, 4});
  CHECK(ok(log.index().reindex()) == 3);
  CHECK(ok(log.index().is_complete()));
  const std::size_t before = scans();
  CHECK(epochs() == Epochs{1, 2, 3, 4});
  CHECK(scans() == before);
}

TEST_CASE_FIXTURE(HistoryIndexFixture,
                  "the mark's own record is lost: that costs a scan, and no record") {
  decide(2);
  REQUIRE(
      server.command({"DEL", log_key("fallback:transition", HistoryIndex::kMarkPlace)}).integer ==
      1);
  CHECK_FALSE(ok(log.index().is_complete()));
  CHECK(epochs() == Epochs{1, 2});
  CHECK(ok(log.index().ensure_mark()));
  CHECK(ok(log.index().is_complete()));
}

TEST_CASE_FIXTURE(HistoryIndexFixture, "a history that was pruned to nothing stays marked") {
  decide(12);
  CHECK(ok(log.prune(TimePoint::max())) == 12);
  CHECK(epochs().empty());
  CHECK(ok(log.index().is_complete()));
  CHECK(scans() == 0);
  decide(12);  // Whose entries sweep out dead ones.
  CHECK(ok(log.index().is_complete()));
  CHECK(epochs().size() == 12);
}

TEST_CASE_FIXTURE(HistoryIndexFixture, "asking whether the history is complete writes nothing") {
  decide(2);
  const std::string mark = log_key("fallback:transition", HistoryIndex::kMarkPlace);
  REQUIRE(storage->remove(mark));
  REQUIRE(storage->set(HistoryIndex::kOldMarkKey, "1"));
  const HistoryIndex& index = log.index();
  CHECK(ok(index.is_complete()));
  CHECK_FALSE(ok(index.has_unindexed()));
  CHECK_FALSE(ok(storage->exists(mark)));

  CHECK(ok(log.index().renew_mark()));
  CHECK(ok(storage->exists(mark)));
}

TEST_CASE_FIXTURE(HistoryIndexFixture,
                  "the mark of an older rz is believed once its history was looked through") {
  decide(2);
  const std::string mark = log_key("fallback:transition", HistoryIndex::kMarkPlace);
  const auto as_older_rz = [&] {
    REQUIRE(storage->remove(mark));
    REQUIRE(storage->set(HistoryIndex::kOldMarkKey, "1"));
  };
  as_older_rz();
  CHECK(epochs() == Epochs{1, 2});
  CHECK(scans() == 1);
  CHECK(epochs() == Epochs{1, 2});
  CHECK(scans() == 1);

  as_older_rz();
  REQUIRE(server.command({"DEL", kIndex}).integer == 1);
  CHECK(epochs() == Epochs{1, 2});
  CHECK(ok(log.index().reindex()) == 2);
  CHECK(ok(log.index().is_complete()));
}

TEST_CASE("a mark is not a transition, whoever asks") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  FallbackManager manager(storage, {}, clock);
  REQUIRE(ok(manager.cascade(failed(2))).changed());
  TransitionLog log(storage, kOneDay);
  CHECK(ok(log.list({.newest_first = true})).size() == 1);
  CHECK(ok(log.list({.since = HistoryIndex::kMarkPlace})).empty());
  CHECK(ok(log.list({.until = TimePoint::max(), .limit = 1})).size() == 1);
}

}  // namespace
}  // namespace rz::fallback
