#include "rz/fallback/offline/restore.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

struct RestoreFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  ModeStore store{storage, std::chrono::hours{1}};

  /// Writes a transition to the store, and returns the state after it.
  ModeState decide(const std::string& token, int seconds) {
    const auto now = ok(store.read());
    ModeState next = now.state;
    next.mode = now.state.mode == Mode::safe ? Mode::primary : Mode::safe;
    next.writer = next.decision = token;
    next.lineage = "lineage";
    ++next.version;
    ++next.epoch;
    next.since = next.recorded_at = at(seconds);
    const Transition record = transition(at(seconds), now.state.mode, next.mode, "why", next.epoch);
    std::vector<std::string> warnings;
    REQUIRE(ok(store.write(now, next, record, warnings)) == Commit::done);
    return ok(store.read()).state;
  }

  std::vector<Transition> history() { return ok(store.log().list({})); }
};

TEST_CASE_FIXTURE(RestoreFixture,
                  "what the store has lost is put back once, with a record of that") {
  const ModeState seen = decide("first", 1);
  REQUIRE(ok(storage.remove(kModeStateKey)));
  std::vector<std::string> warnings;
  const RestoredStore restored = ok(restore_if_lost(store, seen, AskHistory::no, at(9), warnings));
  CHECK(restored.store_lost != "");
  CHECK(restored.now.state.mode == Mode::safe);
  CHECK(restored.now.state.epoch == seen.epoch + 1);
  // Counters come from the store: what enters a mode is counted.
  CHECK(restored.now.state.entered[static_cast<std::size_t>(Mode::safe)] ==
        seen.entered[static_cast<std::size_t>(Mode::safe)] + 1);
  CHECK(history().back().trigger == trigger::kRestored);
  CHECK(ok(restore_if_lost(store, seen, AskHistory::no, at(9), warnings)).store_lost == "");
  CHECK(history().size() == 2);
}

TEST_CASE_FIXTURE(RestoreFixture,
                  "a pin that holds by the store's clock is put back by whatever host") {
  ModeState seen = decide("first", 1);
  seen.mode = Mode::primary;
  seen.lineage = "another";
  seen.pin = Pin{.until = at(60), .reason = "by hand", .actor = "ops@db1", .set_at = at(1)};
  ManualClock shared{at(9)};
  ClockedStorage clocked(storage, shared);
  ModeStore by_clock(clocked, std::chrono::hours{1});
  REQUIRE(ok(storage.remove(kModeStateKey)));
  std::vector<std::string> warnings;
  // Others have begun anew, and this host's clock takes the pin for one that has run out.
  decide("second", 2);
  const RestoredStore restored =
      ok(restore_if_lost(by_clock, seen, AskHistory::no, at(3600), warnings));
  CHECK(restored.store_lost != "");
  CHECK(restored.now.state.mode == Mode::primary);
  CHECK(restored.now.state.recorded_at < at(3600));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("ahead of the store's") != std::string::npos);
}

TEST_CASE_FIXTURE(RestoreFixture, "of a host and the history the one that knows more is put back") {
  const ModeState seen = decide("first", 1);
  decide("second", 2);
  const ModeState third = decide("third", 3);
  REQUIRE(third.mode == Mode::safe);
  ModeState older = seen;
  older.mode = Mode::primary;
  REQUIRE(ok(storage.remove(kModeStateKey)));
  std::vector<std::string> warnings;
  AskHistory ask = AskHistory::no;
  SUBCASE("for who asks for the history alone") {}
  SUBCASE("for who asks for the mode") { ask = AskHistory::yes; }
  const RestoredStore restored = ok(restore_if_lost(store, older, ask, at(9), warnings));
  CHECK(restored.store_lost.find("its history ends with safe at epoch 3") != std::string::npos);
  CHECK(restored.now.state.mode == Mode::safe);
  CHECK(restored.now.state.epoch == 4);
  // Nobody has decided since: who decided alone on the third is not overtaken.
  CHECK(restored.now.state.decision == third.decision);
}

}  // namespace
}  // namespace rz::fallback
