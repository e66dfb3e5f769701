#include "rz/fallback/offline/spool_replay.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

struct Fixture {
  ManualClock clock{at(0)};
  MemoryStorage storage{clock};
  ModeStore store{storage, std::chrono::hours{1}};
  TempFolder folder;
  Spool spool{folder / "spool", "memory:"};

  /// A decision of primary to safe on `before`, made at `seconds`.
  static SpoolEntry decision(const ModeState& before, const std::string& token, int seconds) {
    SpoolEntry entry;
    entry.before = entry.after = before;
    entry.after.mode = before.mode == Mode::safe ? Mode::primary : Mode::safe;
    entry.after.writer = token;
    entry.after.version = before.version + 1;
    entry.after.lineage = before.lineage;
    entry.after.epoch = before.epoch + 1;
    entry.after.since = entry.after.recorded_at = at(seconds);
    ++entry.after.entered[static_cast<std::size_t>(entry.after.mode)];
    entry.transition =
        transition(at(seconds), before.mode, entry.after.mode, "why", entry.after.epoch);
    entry.transition->writer = token;
    return entry;
  }

  /// Writes a decision of somebody else to the store.
  ModeState decide(const std::string& token, int seconds) {
    const auto now = ok(store.read());
    SpoolEntry entry = decision(now.state, token, seconds);
    if (entry.after.lineage.empty()) entry.after.lineage = "lineage";
    std::vector<std::string> warnings;
    REQUIRE(ok(store.write(now, entry.after, entry.transition, warnings)) == Commit::done);
    return ok(store.read()).state;
  }

  std::vector<Transition> history() { return ok(store.log().list({})); }
};

TEST_CASE_FIXTURE(Fixture, "an empty spool is no work") {
  const ReplayReport report = ok(replay_spool(spool, store, at(9)));
  CHECK(report.recorded == 0);
  CHECK(report.sentences().empty());
  CHECK(report.lost_orders() == "");
}

TEST_CASE_FIXTURE(Fixture, "on the store as it was left, a decision is what it would have been") {
  const ModeState seen = decide("first", 1);
  ok(ok(spool.open()).append(decision(seen, "alone", 5)));
  const ReplayReport report = ok(replay_spool(spool, store, at(9)));
  CHECK(report.recorded == 1);
  CHECK(report.overtaken == 0);
  CHECK_FALSE(spool.pending());
  const ModeState now = ok(store.read()).state;
  CHECK(now.mode == Mode::primary);
  CHECK(now.epoch == 2);
  CHECK(now.writer == "alone");
  CHECK(now.version > seen.version);
  REQUIRE(history().size() == 2);
  CHECK(history()[1].timestamp == at(5));
}

TEST_CASE_FIXTURE(Fixture, "where others have decided since, it is history alone") {
  const ModeState seen = decide("first", 1);
  ok(ok(spool.open()).append(decision(seen, "alone", 5)));
  const ModeState others = decide("others", 6);
  const ReplayReport report = ok(replay_spool(spool, store, at(9)));
  CHECK(report.recorded == 0);
  CHECK(report.overtaken == 1);
  ModeState now = ok(store.read()).state;
  CHECK(now.version == others.version + 1);
  now.version = others.version;
  now.writer = others.writer;
  CHECK(now == others);
  REQUIRE(history().size() == 3);
  CHECK(history()[1].trigger == trigger::kOffline);
  CHECK_FALSE(history()[1].epoch);
}

/// Keeps the first commit of a record to itself, as a network that is slow does.
class LateStorage final : public StorageWrapper {
 public:
  using StorageWrapper::StorageWrapper;

  Result<Commit> commit(const Batch& batch) override {
    if (late_) return target().commit(batch);
    late_ = batch;
    return fail(ErrorCode::timeout, "no answer");
  }
  Result<Commit> arrive() { return target().commit(*late_); }

 private:
  std::optional<Batch> late_;
};

TEST_CASE_FIXTURE(Fixture,
                  "a decision that was history alone, and comes late, is not there twice") {
  const ModeState seen = decide("first", 1);
  const std::string before = encode(seen);
  ok(ok(spool.open()).append(decision(seen, "alone", 5)));
  decide("others", 6);
  LateStorage slow(storage);
  ModeStore slow_store(slow, std::chrono::hours{1});
  CHECK(code_of(replay_spool(spool, slow_store, at(9))) == ErrorCode::timeout);
  // By the next replay the store is as this host left it, so the decision holds.
  REQUIRE(storage.set(std::string(kModeStateKey), before));
  CHECK(ok(replay_spool(spool, store, at(10))).recorded == 1);
  CHECK(ok(slow.arrive()) != Commit::done);
  CHECK(history().size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a write that had arrived is not made twice") {
  const ModeState seen = decide("first", 1);
  const SpoolEntry entry = decision(seen, "alone", 5);
  ok(ok(spool.open()).append(entry));
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), entry.after, entry.transition, warnings)) ==
          Commit::done);
  CHECK(ok(replay_spool(spool, store, at(9))).recorded == 1);
  CHECK(history().size() == 2);
  CHECK_FALSE(spool.pending());
}

TEST_CASE_FIXTURE(Fixture, "what the store has lost is put back once, with a record of that") {
  const ModeState seen = decide("first", 1);
  REQUIRE(ok(storage.remove(kModeStateKey)));
  std::vector<std::string> warnings;
  const Recalled recalled = ok(recall(store, seen, AskHistory::no, at(9), warnings));
  CHECK(recalled.store_lost != "");
  CHECK(recalled.now.state.mode == Mode::safe);
  CHECK(recalled.now.state.epoch == seen.epoch + 1);
  CHECK(history().back().trigger == trigger::kRestored);
  CHECK(ok(recall(store, seen, AskHistory::no, at(9), warnings)).store_lost == "");
  CHECK(history().size() == 2);
}

}  // namespace
}  // namespace rz
