#include "rz/fallback/mode_store.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

struct ModeStoreFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  ModeStore store{storage, std::chrono::hours{1}};
  std::vector<std::string> warnings;

  /// The state after `before`, with its record at `seconds`.
  static ModeState next_of(const ModeState& before, const std::string& token, int seconds) {
    ModeState next = before;
    next.mode = before.mode == Mode::safe ? Mode::primary : Mode::safe;
    next.writer = token;
    ++next.version;
    ++next.epoch;
    next.since = next.recorded_at = at(seconds);
    return next;
  }
  static Transition record_of(const ModeState& before, const ModeState& next) {
    return transition(next.recorded_at, before.mode, next.mode, "why", next.epoch);
  }
  Result<Commit> write(const ModeStore::Snapshot& before, const std::string& token, int seconds) {
    const ModeState next = next_of(before.state, token, seconds);
    return store.write(before, next, record_of(before.state, next), warnings);
  }
};

TEST_CASE_FIXTURE(ModeStoreFixture, "a store that was never written holds primary") {
  const auto blank = ok(store.read());
  CHECK(blank.state == ModeState{});
  CHECK_FALSE(blank.bytes);
  CHECK_FALSE(ok(store.last_of_history()));
}

TEST_CASE_FIXTURE(ModeStoreFixture, "state and record are written together, once") {
  const auto before = ok(store.read());
  CHECK(ok(write(before, "one", 1)) == Commit::done);
  CHECK(ok(store.read()).state.mode == Mode::safe);
  CHECK(ok(store.log().list({})).size() == 1);
  CHECK(ok(store.last_of_history())->mode == Mode::safe);
  // Whoever still has the old state is refused, and leaves nothing.
  CHECK(ok(write(before, "two", 2)) == Commit::refused);
  CHECK(ok(store.log().list({})).size() == 1);
  CHECK(ok(write(ok(store.read()), "three", 1)) == Commit::place_taken);
  CHECK(ok(store.free_place(at(1))) == at(1) + Micros{1});
}

TEST_CASE_FIXTURE(ModeStoreFixture,
                  "a write is found by its token, also when others have gone on") {
  CHECK(ok(write(ok(store.read()), "one", 1)) == Commit::done);
  const ModeState first = ok(store.read()).state;
  const Transition record = record_of(ModeState{}, first);
  CHECK(ok(store.find_write("one", record)) == ModeStore::Trace::decided);
  CHECK(ok(write(ok(store.read()), "two", 2)) == Commit::done);
  CHECK(ok(store.find_write("one", record)) == ModeStore::Trace::decided);
  CHECK(ok(store.find_write("one", std::nullopt)) == ModeStore::Trace::none);
  CHECK(ok(store.find_write("none", record)) == ModeStore::Trace::none);
}

TEST_CASE_FIXTURE(ModeStoreFixture,
                  "a state that cannot be read comes raw as a blank one with its bytes") {
  REQUIRE(storage.set(kModeStateKey, "{\"half"));
  CHECK(code_of(store.read()) == ErrorCode::corrupt);
  const auto raw = ok(store.read_raw());
  CHECK(raw.state == ModeState{});
  CHECK(raw.bytes == "{\"half");
}

TEST_CASE_FIXTURE(ModeStoreFixture, "an answer that was lost is not a write that was lost") {
  storage::FaultyStorage faulty(storage, clock);
  ModeStore far(faulty, std::chrono::hours{1});
  const auto before = ok(far.read());
  const ModeState next = next_of(before.state, "one", 1);
  faulty.inject(storage::Fault::lost_answer(Micros{0}),
                {.operation = storage::FaultyStorage::Operation::commit, .count = 1});
  CHECK(ok(far.write(before, next, record_of(before.state, next), warnings)) == Commit::done);
  CHECK(ok(store.log().list({})).size() == 1);
}

}  // namespace
}  // namespace rz::fallback
