#include "rz/fallback/mode_keeper.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/mode_host.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;
using std::chrono::seconds;

struct ModeKeeperFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  ModeHost host{store, clock, folder / "spool", "db1"};
  ModeHost other{store, clock, folder / "other", "db2"};

  ModeState stored() { return ok(host.reconciler.store().read()).state; }

  /// The transitions of the log, each as `from>to:epoch`; `-` for no epoch.
  std::string history() {
    TransitionLog log(store, std::chrono::hours{1});
    std::string text;
    for (const Transition& record : ok(log.list({}))) {
      text += std::string(to_string(record.from)) + ">" + to_string(record.to) + ":" +
              (record.epoch ? std::to_string(*record.epoch) : "-") + " ";
    }
    return text;
  }
};

/// A store in which another process is always first.
class AlwaysTooLate final : public storage::StorageWrapper {
 public:
  using storage::StorageWrapper::StorageWrapper;
  Result<Commit> commit(const Batch&) override { return Commit::refused; }
};

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a transition is written with its record and the call that it owes") {
  host.callbacks.add(Mode::safe, [](const Transition&) { return Result<void>(); }, {});
  const ModeChange change = ok(host.evaluate(enter(Mode::safe)));
  const ModeState& after = change.after;
  CHECK(change.anything());
  CHECK(change.now == at(0));
  CHECK(after.mode == Mode::safe);
  CHECK(after.epoch == 1);
  CHECK(after.version == 1);
  CHECK(after.since == at(0));
  CHECK(after.entered[static_cast<std::size_t>(Mode::safe)] == 1);
  CHECK(after.lineage != "");
  CHECK(after.decision == after.writer);
  REQUIRE(after.owed.size() == 1);
  CHECK(after.owed[0].claim == after.writer);
  CHECK(stored() == after);

  const auto log = ok(TransitionLog(store, std::chrono::hours{1}).list({}));
  REQUIRE(log.size() == 1);
  CHECK(log[0] == change.transition);
  CHECK(log[0].actor == "ops");
  CHECK(log[0].host == "db1");
  CHECK(log[0].writer == after.writer);
  // What the store holds is what the host goes on with in an outage.
  CHECK(ok(host.spool->peek()).known == after);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "a plan that changes nothing writes nothing to the store") {
  CHECK_FALSE(ok(host.evaluate(enter(Mode::primary))).anything());
  CHECK(host.storage.calls(Operation::commit) == 0);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "a count is written, and is neither a decision nor a record") {
  const ModeChange change = ok(host.keeper.change(
      [](const ModeState& state, TimePoint) {
        ModePlan plan{.next = state};
        ++plan.next.good_evaluations;
        return plan;
      },
      ModeKeeper::Origin::evaluation));
  CHECK(change.after.version == 1);
  CHECK(change.after.decision == "");
  CHECK_FALSE(change.transition);
  CHECK(stored().good_evaluations == 1);
  CHECK(history() == "");
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a pin names the state that it came with; one that ran out is no order") {
  const ModeState pinned = ok(host.order(pin(Mode::primary))).after;
  REQUIRE(pinned.pin);
  CHECK(pinned.pin->lineage == pinned.lineage);
  CHECK(pinned.pin->version == pinned.version);
  CHECK(pinned.decision == pinned.writer);
  CHECK(pinned.epoch == 0);
  clock.advance(seconds{61});
  const ModeState over = ok(host.evaluate(enter(Mode::primary))).after;
  CHECK_FALSE(over.pin);
  CHECK(over.decision == pinned.decision);
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "of two that change at once one wins, and the other decides anew") {
  bool first = true;
  std::vector<Mode> seen;
  const ModeChange change = ok(host.evaluate([&](const ModeState& state, TimePoint now) {
    // The state has been read by now, and is not what it was when this decision is written.
    if (std::exchange(first, false)) ok(other.evaluate(enter(Mode::safe)));
    seen.push_back(state.mode);
    return enter(Mode::heuristic)(state, now);
  }));
  CHECK(seen.front() == Mode::primary);
  CHECK(seen.back() == Mode::safe);
  CHECK(change.before.mode == Mode::safe);
  CHECK(change.after.epoch == 2);
  CHECK(stored() == change.after);
  CHECK(history() == "primary>safe:1 safe>heuristic:2 ");
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "who always loses the race ends with an error") {
  AlwaysTooLate busy(store);
  ModeHost late(busy, clock, folder / "late", "db3");
  CHECK(code_of(late.evaluate(enter(Mode::safe))) == ErrorCode::conflict);
  CHECK(late.storage.calls(Operation::commit) == ModeStore::kMaxRaces);
  CHECK_FALSE(late.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a record whose place is taken stands behind it, and so does its state") {
  REQUIRE(store.set(log_key(kTransitionLog, at(0)), "another's"));
  const ModeChange change = ok(host.evaluate(enter(Mode::safe)));
  CHECK(change.transition->timestamp == at(0) + Micros{1});
  CHECK(change.after.since == at(0) + Micros{1});
  CHECK(stored().recorded_at == at(0) + Micros{1});
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a store that goes away behind a taken place is an outage like any other") {
  ok(other.evaluate(enter(Mode::heuristic)));
  clock.advance(seconds{1});
  REQUIRE(store.set(log_key(kTransitionLog, at(1)), "another's"));
  host.storage.inject(storage::Fault::failure(), {.operation = Operation::get_many});
  const ModeChange change = ok(host.evaluate(enter(Mode::safe)));
  CHECK(change.status.outage);
  CHECK(change.status.spooled == 1);
  // What the store said in this call counts, although this host had never kept it.
  CHECK(change.before.mode == Mode::heuristic);
  CHECK(change.after.mode == Mode::safe);
  host.come_back();
  CHECK(ok(host.reconciler.read()).state.mode == Mode::safe);
  CHECK_FALSE(host.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a record is later than the one before it, whatever the clock says") {
  ok(host.evaluate(enter(Mode::safe)));
  clock.set_now(at(-100));
  CHECK(ok(host.evaluate(enter(Mode::primary))).transition->timestamp == at(0) + Micros{1});
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "while the store is away each decision builds on the one before") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.leave();
  const ModeChange worse = ok(host.evaluate(enter(Mode::safe)));
  CHECK(worse.status.outage);
  CHECK(worse.status.spooled == 1);
  CHECK(worse.before.mode == Mode::heuristic);
  CHECK(worse.after.epoch == 2);
  const ModeChange pinned = ok(host.order(pin(Mode::safe)));
  CHECK(pinned.before == worse.after);
  CHECK(pinned.status.orders == 1);
  const auto waiting = ok(host.spool->peek()).entries;
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0] == worse);
  CHECK(waiting[1] == pinned);

  host.come_back();
  const ModeChange back = ok(host.evaluate(enter(Mode::primary)));
  CHECK_FALSE(back.status.outage);
  CHECK(back.before.pin);
  CHECK(back.before.epoch == 2);
  CHECK_FALSE(host.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "a store that was found away is not asked again") {
  ok(host.evaluate(enter(Mode::heuristic)));
  const std::size_t before = host.storage.calls();
  const Error outage{ErrorCode::unavailable, "gone", "store"};
  ok(host.keeper.change(enter(Mode::safe), ModeKeeper::Origin::evaluation, outage));
  CHECK(host.storage.calls() == before);
  CHECK(host.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a host that has never known the mode decides nothing but a worse one") {
  host.leave();
  CHECK(message_of(host.evaluate(enter(Mode::primary))).find("never known the mode") !=
        std::string::npos);
  CHECK_FALSE(host.spool->pending());
  CHECK(ok(host.evaluate(enter(Mode::safe))).status.spooled == 1);
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a refusal that is no outage is an error, and nothing is kept") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.storage.inject(storage::Fault::failure(ErrorCode::auth));
  CHECK(code_of(host.evaluate(enter(Mode::safe))) == ErrorCode::auth);
  CHECK_FALSE(host.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "where nothing can be kept a worse mode is answered, and no better one") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.leave();
  // Another process has the spool, and does not let go of it.
  const auto busy = ok(host.spool->open());
  host.callbacks.add(Mode::safe, [](const Transition&) { return Result<void>(); }, {});
  const ModeChange worse = ok(host.evaluate(enter(Mode::safe)));
  CHECK(worse.status.unrecorded);
  CHECK(worse.after.mode == Mode::safe);
  // Nothing of it may be taken for a decision that others could know.
  CHECK(worse.after.epoch == worse.before.epoch);
  CHECK(worse.after.entered == worse.before.entered);
  CHECK(worse.after.owed.empty());
  REQUIRE(worse.transition);
  CHECK_FALSE(worse.transition->epoch);

  const ModeChange better = ok(host.evaluate(enter(Mode::primary)));
  CHECK_FALSE(better.status.unrecorded);
  CHECK_FALSE(better.anything());
  CHECK_FALSE(better.transition);
  CHECK(better.after.mode == Mode::heuristic);
  CHECK(better.held.find("could not be recorded") != std::string::npos);
  // Who orders something must know that it does not hold.
  CHECK(code_of(host.order(pin(Mode::safe))) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "without a spool only a worse mode is answered in an outage") {
  ModeHost bare(store, clock, std::nullopt, "db3");
  bare.leave();
  CHECK(ok(bare.evaluate(enter(Mode::safe))).status.unrecorded);
  CHECK(code_of(bare.evaluate(enter(Mode::primary))) == ErrorCode::unavailable);
  CHECK(code_of(bare.order(pin(Mode::safe))) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a state that cannot be read prevents a better mode, and no worse one") {
  REQUIRE(store.set(kModeStateKey, "{\"half"));
  const ModeChange worse = ok(host.evaluate(enter(Mode::safe)));
  CHECK(worse.status.unrecorded);
  CHECK(code_of(host.evaluate(enter(Mode::primary))) == ErrorCode::corrupt);
  CHECK(code_of(host.order(pin(Mode::safe))) == ErrorCode::corrupt);
  CHECK_FALSE(host.spool->pending());
  CHECK(ok(store.get(kModeStateKey)) == "{\"half");
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a damaged store is no outage: what the host knew last is no answer") {
  ok(host.evaluate(enter(Mode::heuristic)));
  REQUIRE(store.set(kModeStateKey, "{\"half"));
  CHECK(code_of(host.evaluate(enter(Mode::primary))) == ErrorCode::corrupt);
  CHECK(code_of(host.evaluate(enter(Mode::heuristic))) == ErrorCode::corrupt);
}

/// A commit whose answer is lost, and after which the store cannot be reached.
void lose_the_answer(storage::FaultyStorage& storage, const storage::Fault& fault) {
  storage.inject(fault, {.operation = Operation::commit});
  storage.inject(storage::Fault::failure(), {.operation = Operation::get, .first = 2});
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a write whose outcome is unknown waits under its token, and counts once") {
  SUBCASE("it took effect") {
    lose_the_answer(host.storage, storage::Fault::lost_answer(Micros{0}));
  }
  SUBCASE("it did not") { lose_the_answer(host.storage, storage::Fault::lost_request(Micros{0})); }
  const ModeChange change = ok(host.evaluate(enter(Mode::safe)));
  CHECK(change.status.outage);
  const auto waiting = ok(host.spool->peek()).entries;
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0] == change);
  CHECK_FALSE(waiting[0].attempt);

  host.come_back();
  const KnownMode now = ok(host.reconciler.read());
  CHECK(now.state.epoch == 1);
  CHECK(now.state.decision == change.after.writer);
  CHECK(history() == "primary>safe:1 ");
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "an unknown outcome that others of this host did not wait for") {
  ModeHost neighbour(store, clock, folder / "spool", "db1");
  neighbour.leave();
  bool arrives = true;
  SUBCASE("it took effect") {}
  SUBCASE("it did not") { arrives = false; }
  lose_the_answer(host.storage, arrives ? storage::Fault::lost_answer(Micros{0})
                                        : storage::Fault::lost_request(Micros{0}));
  bool first = true;
  const ModeChange change = ok(host.evaluate([&](const ModeState& state, TimePoint now) {
    if (std::exchange(first, false)) ok(neighbour.evaluate(enter(Mode::heuristic)));
    return enter(Mode::safe)(state, now);
  }));
  // It is decided anew on what the neighbour left.
  CHECK(change.before.mode == Mode::heuristic);
  CHECK(change.after.mode == Mode::safe);
  const auto waiting = ok(host.spool->peek()).entries;
  REQUIRE(waiting.size() == 3);
  CHECK(waiting[1].attempt);
  CHECK(waiting[1].before.mode == Mode::primary);
  CHECK(waiting[2] == change);
  CHECK(waiting[2].instead_of == waiting[1].after.writer);

  host.come_back();
  CHECK(ok(host.reconciler.read()).state.mode == Mode::safe);
  CHECK_FALSE(host.spool->pending());
}

/// A store of whose next commit no answer comes; `then` runs before that is found out.
class LosesAnAnswer final : public storage::StorageWrapper {
 public:
  using storage::StorageWrapper::StorageWrapper;
  Result<Commit> commit(const Batch& batch) override {
    if (!then) return storage::StorageWrapper::commit(batch);
    if (arrives) ok(storage::StorageWrapper::commit(batch));
    std::exchange(then, nullptr)();
    return fail(ErrorCode::timeout, "no answer");
  }

  std::function<void()> then;
  bool arrives = true;
};

/// Two processes of one host, of which one does not hear what became of its write.
struct Unheard : ModeKeeperFixture {
  LosesAnAnswer cut{store};
  ModeHost there{cut, clock, folder / "spool", "db1"};
  ModeHost neighbour{store, clock, folder / "spool", "db1"};
};

TEST_CASE_FIXTURE(Unheard,
                  "what is decided on the outcome of an attempt is not decided instead of it") {
  ok(there.evaluate(enter(Mode::heuristic)));
  cut.then = [&] {
    there.leave();
    // Another process of this host meets the attempt in the store, and decides on it.
    ok(neighbour.evaluate(enter(Mode::safe)));
  };
  const ModeChange change = ok(there.evaluate(enter(Mode::primary)));
  CHECK(change.before.mode == Mode::safe);
  CHECK(change.after.mode == Mode::primary);
  CHECK(change.status.outage);
  there.come_back();
  const KnownMode now = ok(there.reconciler.read());
  CHECK(now.state.mode == Mode::primary);
  CHECK(history() == "primary>heuristic:1 heuristic>primary:2 primary>safe:3 safe>primary:4 ");
}

TEST_CASE_FIXTURE(Unheard, "an order that took effect unheard is carried out once") {
  ok(there.evaluate(enter(Mode::heuristic)));
  cut.then = [&] {
    there.leave();
    ok(neighbour.order([](const ModeState& state, TimePoint) {
      return plan_release(state, {"ops", "db1"});
    }));
  };
  const ModeChange change = ok(there.order(pin(Mode::safe)));
  CHECK(change.after.mode == Mode::safe);
  CHECK(change.status.outage);
  CHECK_FALSE(there.spool->pending());
  there.come_back();
  CHECK_FALSE(ok(there.reconciler.read()).state.pin);
  CHECK(history() == "primary>heuristic:1 heuristic>safe:2 safe>safe:- ");
}

TEST_CASE_FIXTURE(Unheard, "of a release that was not heard nobody says that it was not done") {
  ok(there.order(pin(Mode::safe)));
  const auto release = [](const ModeState& state, TimePoint) {
    return plan_release(state, {"ops", "db1"});
  };
  cut.arrives = false;
  cut.then = [&] {
    there.leave();
    ok(neighbour.order(release));
  };
  CHECK(message_of(there.order(release)).find("whether the pin was released cannot be told now") !=
        std::string::npos);
}

/// A host that saw SAFE in a store that has lost that since.
struct Lost : ModeKeeperFixture {
  ModeState seen;

  /// `older`: it was set back to an older copy; else it was emptied.
  void lose(bool older) {
    ok(host.evaluate(enter(Mode::heuristic)));
    const std::string copy = *ok(store.get(kModeStateKey));
    seen = ok(host.evaluate(enter(Mode::safe))).after;
    REQUIRE(ok(store.remove(kModeStateKey)));
    if (older) REQUIRE(store.set(kModeStateKey, copy));
    clock.advance(seconds{1});
  }
};

TEST_CASE_FIXTURE(Lost, "a store that knows less than this host saw is given it back first") {
  SUBCASE("it was emptied") { lose(false); }
  SUBCASE("it was set back") { lose(true); }
  const ModeChange change = ok(host.evaluate(enter(Mode::primary)));
  CHECK(change.status.store_lost != "");
  // The reports that may speak against recovery have just been lost, too.
  CHECK(change.held.find("recovery waits") != std::string::npos);
  CHECK(change.after.mode == Mode::safe);
  CHECK(stored().epoch == seen.epoch + 1);
  CHECK(stored().lineage != seen.lineage);
  const auto log = ok(TransitionLog(store, std::chrono::hours{1}).list({}));
  REQUIRE(log.size() == 3);
  CHECK(log[2].trigger == trigger::kRestored);
  CHECK(log[2].host == "db1");
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::primary);
}

TEST_CASE("wherever the store goes away after a loss was found, the mode does not recover") {
  int gone_after_loss = 0;
  for (std::size_t first = 1; first <= 40; ++first) {
    CAPTURE(first);
    ModeKeeperFixture world;
    ModeHost& host = world.host;
    ok(host.evaluate(enter(Mode::heuristic)));
    host.leave();
    ok(host.evaluate(enter(Mode::safe)));
    host.come_back();
    REQUIRE(ok(world.store.remove(kModeStateKey)));
    host.storage.inject(storage::Fault::failure(), {.first = first});
    const ModeChange change = ok(host.evaluate(enter(Mode::primary)));
    if (change.status.store_lost.empty()) continue;
    if (change.status.outage) ++gone_after_loss;
    CHECK(change.after.mode == Mode::safe);
  }
  CHECK(gone_after_loss > 0);
}

TEST_CASE_FIXTURE(Lost, "an order holds on a store that has lost its memory") {
  SUBCASE("it was emptied") { lose(false); }
  SUBCASE("it was set back") { lose(true); }
  const ModeChange change = ok(host.order(pin(Mode::primary)));
  CHECK(change.before.mode == Mode::safe);
  CHECK(change.after.mode == Mode::primary);
  CHECK(stored().pin);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "what a restored mode owes is left to whoever comes first") {
  for (ModeHost* each : {&host, &other}) {
    each->callbacks.add(Mode::safe, [](const Transition&) { return Result<void>(); }, {});
  }
  ok(host.evaluate(enter(Mode::safe)));
  REQUIRE(ok(store.remove(kModeStateKey)));
  ok(host.reconciler.read());
  const ModeState back = stored();
  // The call of the first transition is still owed, too.
  REQUIRE(back.owed.size() == 2);
  CHECK(back.owed[1].transition.writer == back.writer);
  CHECK(back.owed[1].claim == "");
}

/// A host whose clock is a hundred seconds ahead of the store's.
struct Ahead : ModeKeeperFixture {
  ManualClock shared{at(0)};
  ClockedStorage clocked{store, shared};
  ManualClock fast{at(100)};
  ModeHost hasty{clocked, fast, folder / "hasty", "db3"};
};

TEST_CASE_FIXTURE(Ahead, "a pin does not end by a clock that is ahead of the store's") {
  ok(other.order(pin(Mode::safe)));
  const ModeChange change = ok(hasty.evaluate(enter(Mode::primary)));
  CHECK_FALSE(change.anything());
  CHECK(change.now == at(0));
  CHECK(has(change.status.warnings, "ahead of the store's"));
  CHECK(ok(hasty.reconciler.read()).now == at(0));
  shared.set_now(at(61));
  CHECK(ok(hasty.evaluate(enter(Mode::primary))).after.mode == Mode::primary);
}

TEST_CASE_FIXTURE(Ahead, "what is decided has the store's time; only who decides asks for it") {
  ok(hasty.evaluate(enter(Mode::primary)));
  CHECK(clocked.asked == 0);
  const ModeChange change = ok(hasty.evaluate(enter(Mode::safe)));
  CHECK(clocked.asked == 1);
  CHECK(change.transition->timestamp == at(0));
  CHECK(change.now == at(0));
  // A lease and a wait are counted by whoever holds them.
  ok(hasty.keeper.change(
      [](const ModeState& state, TimePoint now) {
        ModePlan plan{.next = state};
        plan.next.dwell_from = now;
        return plan;
      },
      ModeKeeper::Origin::bookkeeping));
  CHECK(stored().dwell_from == at(100));
  CHECK(clocked.asked == 1);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "to forget begins anew, in the store and on this host") {
  ok(host.evaluate(enter(Mode::safe)));
  const ModeState before = stored();
  SUBCASE("as it is") {}
  SUBCASE("with decisions that wait here") {
    host.leave();
    ok(host.order(pin(Mode::heuristic)));
    host.come_back();
  }
  SUBCASE("from what cannot be read, which this host knows") {
    REQUIRE(store.set(kModeStateKey, "{\"half"));
  }
  clock.advance(seconds{1});
  const ModeChange change = ok(host.keeper.forget());
  CHECK(change.before.mode == Mode::safe);
  CHECK(change.after.mode == Mode::primary);
  CHECK(change.after.epoch > before.epoch);
  CHECK(change.after.since > before.since);
  CHECK(stored() == change.after);
  CHECK(stored().lineage != before.lineage);
  CHECK_FALSE(host.spool->pending());
  CHECK(ok(host.spool->peek()).known == change.after);
  // Neither this host nor one that saw the old state takes that for a loss.
  CHECK(ok(host.reconciler.read()).status.store_lost == "");
  CHECK(ok(host.reconciler.read()).state.mode == Mode::primary);
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "to forget is a decision, also where the mode stays what it is") {
  ok(host.evaluate(enter(Mode::safe)));
  const ModeState before = ok(host.evaluate(enter(Mode::primary))).after;
  const ModeChange change = ok(host.keeper.forget());
  CHECK(change.after.mode == before.mode);
  CHECK(change.after.decision == change.after.writer);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "a release in an outage needs a pin that this host knows of") {
  ok(host.evaluate(enter(Mode::safe)));
  ok(other.order(pin(Mode::safe)));
  const auto release = [&] {
    return host.order([](const ModeState& state, TimePoint) {
      return plan_release(state, {"ops", "db1"});
    });
  };
  host.leave();
  CHECK(message_of(release()).find("nothing was released") != std::string::npos);
  CHECK_FALSE(host.spool->pending());
  host.come_back();
  ok(host.reconciler.read());
  host.leave();
  CHECK(ok(release()).anything());
  CHECK(host.spool->pending());
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "an order is kept for an outage though another process has the spool") {
  ok(host.evaluate(enter(Mode::primary)));
  {
    const auto session = ok(host.spool->open());
    const ModeChange order = ok(host.order(pin(Mode::safe)));
    CHECK(order.status.warnings.empty());
    host.leave();
    CHECK(ok(host.reconciler.read()).state.mode == Mode::safe);
  }
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::safe);
}

TEST_CASE_FIXTURE(ModeKeeperFixture,
                  "a clock that was set forward in an outage ends no pin of others") {
  ok(other.order(pin(Mode::safe)));
  ok(host.reconciler.read());
  host.leave();
  clock.advance(seconds{10});
  clock.set_now(at(3600));
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::safe);
  CHECK(ok(host.reconciler.read()).now == at(10));
  CHECK_FALSE(host.spool->pending());
  clock.advance(seconds{51});
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::primary);
}

TEST_CASE("a clock that is known to be ahead of the store's ends no pin in an outage") {
  ManualClock right{at(0)};
  ManualClock wrong{at(86'400)};
  storage::MemoryStorage store{right};
  ClockedStorage clocked(store, right);
  TempFolder folder;
  ModeHost host{clocked, wrong, folder / "spool", "db1"};
  ModeHost other{clocked, right, folder / "other", "db2"};
  ok(other.order(pin(Mode::safe)));
  SUBCASE("seen by a status") { CHECK(ok(host.reconciler.read()).now == at(0)); }
  SUBCASE("seen by an evaluation") {
    CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::safe);
  }
  host.leave();
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::safe);
  wrong.advance(seconds{61});
  CHECK(ok(host.evaluate(enter(Mode::primary))).after.mode == Mode::primary);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "to forget needs the store") {
  ok(host.evaluate(enter(Mode::safe)));
  host.leave();
  CHECK(code_of(host.keeper.forget()) == ErrorCode::unavailable);
  CHECK(ok(host.spool->peek()).known->mode == Mode::safe);
}

TEST_CASE_FIXTURE(ModeKeeperFixture, "a rehearsal tells what would be, and changes nothing") {
  ok(host.evaluate(enter(Mode::heuristic)));
  const std::size_t commits = host.storage.calls(Operation::commit);
  SUBCASE("in the store") {
    const ModeChange change = ok(host.keeper.rehearse(enter(Mode::safe)));
    CHECK(change.before.mode == Mode::heuristic);
    CHECK(change.after.mode == Mode::safe);
    CHECK(change.after.epoch == change.before.epoch + 1);
    CHECK_FALSE(change.transition);
  }
  SUBCASE("in an outage") {
    host.leave();
    const ModeChange change = ok(host.keeper.rehearse(enter(Mode::safe)));
    CHECK(change.status.outage);
    CHECK(change.before.mode == Mode::heuristic);
  }
  SUBCASE("where the store has lost the mode, which it does not put back") {
    REQUIRE(ok(store.remove(kModeStateKey)));
    const ModeChange change = ok(host.keeper.rehearse(enter(Mode::primary)));
    CHECK(change.status.store_lost != "");
    CHECK(change.after.mode == Mode::heuristic);
    CHECK_FALSE(ok(store.get(kModeStateKey)));
  }
  CHECK(host.storage.calls(Operation::commit) == commits);
  CHECK_FALSE(host.spool->pending());
}

}  // namespace
}  // namespace rz::fallback
