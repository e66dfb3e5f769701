#include "rz/fallback/mode_reconciler.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/mode_host.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/read_ahead.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;
using std::chrono::seconds;

struct ModeReconcilerFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  ModeHost host{store, clock, folder / "spool", "db1"};
  ModeHost other{store, clock, folder / "other", "db2"};
};

/// A store for those that own one.
class Borrowed final : public storage::StorageWrapper {
 public:
  explicit Borrowed(Storage& target) : StorageWrapper(target) {}
};

TEST_CASE_FIXTURE(ModeReconcilerFixture,
                  "what waits counts as if it were in the store, and peek() leaves it here") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.leave();
  ok(host.evaluate(enter(Mode::safe)));
  host.come_back();
  const std::size_t commits = host.storage.calls(Operation::commit);
  const KnownMode seen = ok(host.reconciler.peek());
  CHECK(seen.state.mode == Mode::safe);
  CHECK(seen.status.spooled == 1);
  CHECK(host.storage.calls(Operation::commit) == commits);
  CHECK(host.spool->pending());

  const KnownMode now = ok(host.reconciler.read());
  CHECK(now.state.mode == Mode::safe);
  CHECK(now.status.spooled == 0);
  CHECK_FALSE(host.spool->pending());
  CHECK(ok(host.spool->peek()).known == now.state);
}

TEST_CASE_FIXTURE(ModeReconcilerFixture, "what others have decided meanwhile holds") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.leave();
  ok(host.order(pin(Mode::safe)));
  ok(other.evaluate(enter(Mode::primary)));
  host.come_back();
  const KnownMode seen = ok(host.reconciler.peek());
  CHECK(seen.state.mode == Mode::primary);
  CHECK(has(seen.status.doubts, "a pin that was changed while the store was away"));
  const KnownMode now = ok(host.reconciler.read());
  CHECK(now.state.mode == Mode::primary);
  CHECK(has(now.status.doubts, "a pin that was changed while the store was away"));
}

TEST_CASE_FIXTURE(ModeReconcilerFixture,
                  "no loss is told from what was read ahead of this host's own decision") {
  ok(host.evaluate(enter(Mode::heuristic)));
  auto ahead = std::make_unique<storage::ReadAhead>(std::make_unique<Borrowed>(store));
  ahead->fetch({{std::string(kModeStateKey)}, {}, {}});
  const ModeReconciler reconciler(*ahead, {.spool = host.spool}, host.callbacks, clock);
  // Another process of this user decides in between.
  ok(host.evaluate(enter(Mode::safe)));
  const KnownMode seen = ok(reconciler.peek());
  CHECK(seen.state.mode == Mode::safe);
  CHECK(seen.status.store_lost == "");
  CHECK(seen.status.doubts.empty());

  REQUIRE(ok(store.remove(kModeStateKey)));
  CHECK(ok(reconciler.peek()).status.store_lost != "");
}

TEST_CASE_FIXTURE(ModeReconcilerFixture,
                  "in an outage the mode known last is told, with every doubt about it") {
  host.leave();
  CHECK(message_of(host.reconciler.read()).find("never known the mode") != std::string::npos);
  host.come_back();
  ok(host.evaluate(enter(Mode::safe)));
  host.leave();
  clock.advance(std::chrono::hours{1});
  const KnownMode young = ok(host.reconciler.read());
  CHECK(young.state.mode == Mode::safe);
  CHECK(young.status.outage);
  CHECK(young.status.store_seen == at(0));
  CHECK(young.status.doubts.empty());
  clock.advance(Micros{1});
  CHECK(has(ok(host.reconciler.peek()).status.doubts, "more than fallback.max_age_offline (1h)"));
  clock.set_now(at(-1));
  CHECK(has(ok(host.reconciler.read()).status.doubts, "which is ahead of its clock"));
}

TEST_CASE_FIXTURE(ModeReconcilerFixture, "a host that can keep nothing says so to who orders") {
  ModeHost bare(store, clock, std::nullopt, "db3");
  StoreStatus ordered;
  CHECK_FALSE(bare.reconciler.remember({}, at(0), true, ordered));
  CHECK(has(ordered.warnings, "set HOME or XDG_STATE_HOME"));
  StoreStatus evaluated;
  CHECK_FALSE(bare.reconciler.remember({}, at(0), false, evaluated));
  CHECK(evaluated.warnings.empty());
}

TEST_CASE_FIXTURE(ModeReconcilerFixture,
                  "the store's time counts where the clocks differ by more than two seconds") {
  ManualClock shared{at(0)};
  ClockedStorage clocked(store, shared);
  ModeHost there(clocked, clock, folder / "there", "db3");
  StoreStatus status;
  CHECK(there.reconciler.shared_time(at(2), status) == at(2));
  CHECK(there.reconciler.shared_time(at(-2), status) == at(-2));
  CHECK(status.warnings.empty());
  CHECK(there.reconciler.shared_time(at(3), status) == at(0));
  CHECK(has(status.warnings, "3s ahead of the store's"));
  CHECK(there.reconciler.shared_time(at(-3), status) == at(0));
  CHECK(has(status.warnings, "3s behind the store's"));
  // A store without a clock.
  CHECK(host.reconciler.shared_time(at(100), status) == at(100));
}

}  // namespace
}  // namespace rz::fallback
