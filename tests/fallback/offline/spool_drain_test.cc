#include "rz/fallback/offline/spool_drain.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/offline/spooled_decision.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

struct SpoolDrainFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  ModeStore store{storage, std::chrono::hours{1}};
  TempFolder folder;
  Spool spool{folder / "spool", "memory:"};

  /// A decision of primary to safe on `before`, made at `seconds`.
  static SpoolEntry decision(const ModeState& before, const std::string& token, int seconds) {
    SpoolEntry entry;
    entry.before = entry.after = before;
    entry.after.mode = before.mode == Mode::safe ? Mode::primary : Mode::safe;
    entry.after.writer = entry.after.decision = token;
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

  /// A call that is owed for a transition of before.
  static OwedCallback call() {
    OwedCallback owed = owe(transition(at(1), Mode::primary, Mode::safe, "why", 1), {}, at(1));
    owed.transition.writer = "call";
    return owed;
  }

  /// That the first call that `before` owes was run, and failed.
  static SpoolEntry tried_in_vain(const ModeState& before) {
    SpoolEntry entry;
    entry.before = entry.after = before;
    entry.after.owed.front().count_failure({at(5), "host"});
    entry.after.writer = "tried";
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

  /// Changes the state in the store, as another host does it.
  template <class Change>
  ModeState change_in_store(const Change& change) {
    const auto now = ok(store.read());
    ModeState next = now.state;
    change(next);
    stamp(next, "others" + std::to_string(next.version));
    std::vector<std::string> warnings;
    REQUIRE(ok(store.write(now, next, std::nullopt, warnings)) == Commit::done);
    return ok(store.read()).state;
  }

  /// A decision, and a call that is owed and that nobody has claimed.
  ModeState owe_in_store() {
    decide("first", 1);
    return change_in_store([](ModeState& state) {
      state.owed = {call()};
      state.owed[0].give_back();
    });
  }

  std::vector<Transition> history() { return ok(store.log().list({})); }
};

TEST_CASE_FIXTURE(SpoolDrainFixture, "an empty spool is no work") {
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(report.recorded == 0);
  CHECK(report.sentences().empty());
  CHECK(report.lost_orders() == "");
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "on the store as it was left, a decision is what it would have been") {
  const ModeState seen = decide("first", 1);
  ok(ok(spool.open()).append({decision(seen, "alone", 5)}));
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
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

TEST_CASE_FIXTURE(SpoolDrainFixture, "where others have decided since, it is history alone") {
  const ModeState seen = decide("first", 1);
  ok(ok(spool.open()).append({decision(seen, "alone", 5)}));
  const ModeState others = decide("others", 6);
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(report.recorded == 0);
  CHECK(report.overtaken == 1);
  ModeState now = ok(store.read()).state;
  CHECK(now.version == others.version + 1);
  now.version = others.version;
  now.writer = others.writer;
  // It has been told as a transition by who decided it: a counter must not fall.
  CHECK(--now.entered[static_cast<std::size_t>(Mode::primary)] ==
        others.entered[static_cast<std::size_t>(Mode::primary)]);
  CHECK(now == others);
  REQUIRE(history().size() == 3);
  CHECK(history()[1].trigger == trigger::kOffline);
  CHECK_FALSE(history()[1].epoch);
}

/// Keeps the first commit of a record to itself, as a network that is slow does.
class LateStorage final : public storage::StorageWrapper {
 public:
  using storage::StorageWrapper::StorageWrapper;

  Result<Commit> commit(const Batch& batch) override {
    if (late_) return target().commit(batch);
    late_ = batch;
    return fail(ErrorCode::timeout, "no answer");
  }
  Result<Commit> arrive() { return target().commit(*late_); }

 private:
  std::optional<Batch> late_;
};

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a decision that was history alone, and comes late, is not there twice") {
  const ModeState seen = decide("first", 1);
  const std::string before = encode(seen);
  ok(ok(spool.open()).append({decision(seen, "alone", 5)}));
  decide("others", 6);
  LateStorage slow(storage);
  ModeStore slow_store(slow, std::chrono::hours{1});
  CHECK(code_of(drain_spool(spool, slow_store, AskHistory::no, at(9))) == ErrorCode::timeout);
  // By the next drain the store is as this host left it, so the decision holds.
  REQUIRE(storage.set(std::string(kModeStateKey), before));
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(10))).recorded == 1);
  CHECK(ok(slow.arrive()) != Commit::done);
  CHECK(history().size() == 3);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a write that had arrived is not made twice") {
  const ModeState seen = decide("first", 1);
  const SpoolEntry entry = decision(seen, "alone", 5);
  ok(ok(spool.open()).append({entry}));
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), entry.after, entry.transition, warnings)) ==
          Commit::done);
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).recorded == 1);
  CHECK(history().size() == 2);
  CHECK_FALSE(spool.pending());
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a memory that another host has put back overtakes nobody") {
  const ModeState seen = decide("first", 1);
  const SpoolEntry first = decision(seen, "alone", 5);
  const SpoolEntry second = decision(first.after, "alone, too", 6);
  ok(ok(spool.open()).append({first, second}));
  REQUIRE(ok(storage.remove(kModeStateKey)));
  std::vector<std::string> warnings;
  REQUIRE(ok(restore_if_lost(store, seen, AskHistory::no, at(7), warnings)).store_lost != "");
  CHECK(will_hold(ok(store.read()).state, {first, second}));
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(report.recorded == 2);
  CHECK(report.overtaken == 0);
  const ModeState now = ok(store.read()).state;
  CHECK(now.mode == Mode::safe);
  CHECK(now.epoch == seen.epoch + 3);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "what others do to calls and counts overtakes nobody") {
  const ModeState seen = decide("first", 1);
  ok(ok(spool.open()).append({decision(seen, "alone", 5)}));
  const auto now = ok(store.read());
  ModeState next = now.state;
  next.writer = "count";
  ++next.version;
  ++next.good_evaluations;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(now, next, std::nullopt, warnings)) == Commit::done);
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).recorded == 1);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "who decided since overtakes, whatever the mode is by now") {
  const ModeState seen = decide("first", 1);
  const SpoolEntry alone = decision(seen, "alone", 5);
  ok(ok(spool.open()).append({alone}));
  decide("others", 6);
  const ModeState back = decide("others again", 7);
  REQUIRE(back.mode == seen.mode);
  CHECK_FALSE(will_hold(back, {alone}));
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).overtaken == 1);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a call that failed in the outage is no younger after it") {
  const ModeState seen = decide("first", 1);
  const auto now = ok(store.read());
  ModeState owing = now.state;
  owing.owed.push_back(call());
  owing.writer = "owes";
  ++owing.version;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(now, owing, std::nullopt, warnings)) == Commit::done);
  const SpoolEntry tried = tried_in_vain(owing);
  SUBCASE("alone") { ok(ok(spool.open()).append(std::vector{tried})); }
  SUBCASE("and before a decision that holds") {
    ok(ok(spool.open()).append({tried, decision(tried.after, "alone", 6)}));
  }
  SUBCASE("twice, as a drain that was cut off does it") {
    ok(ok(spool.open()).append({tried, tried}));
  }
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  const ModeState after = ok(store.read()).state;
  REQUIRE(after.owed.size() == 1);
  CHECK(after.owed.front().failed == 1);
  CHECK(after.owed.front().not_before > at(5));
  CHECK(after.owed.front().claim == "");
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a call that a person asked for on this host alone is owed once") {
  const ModeState seen = decide("first", 1);
  ModeState ended_there = seen;
  ended_there.ended = {ended(call(), EndedCallback::How::given_up, at(3), {})};
  stamp(ended_there, "given up");
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), ended_there, std::nullopt, warnings)) == Commit::done);
  SpoolEntry asked;
  asked.before = asked.after = ok(store.read()).state;
  asked.after.ended.clear();
  asked.after.owed = {call()};
  asked.after.owed[0].give_back();
  asked.after.owed[0].ask_again(at(5));
  asked.after.writer = "asked";
  ok(ok(spool.open()).append(std::vector{asked}));
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  ModeState after = ok(store.read()).state;
  REQUIRE(after.owed.size() == 1);
  CHECK(after.owed[0].asked_at == at(5));
  CHECK(after.ended.empty());
  // It is made, and the spool could not be shortened.
  end_call(after, OwedCallback(after.owed[0]), EndedCallback::How::ran, at(10));
  stamp(after, "ran");
  REQUIRE(ok(store.write(ok(store.read()), after, std::nullopt, warnings)) == Commit::done);
  ok(ok(spool.open()).append(std::vector{asked}));
  ok(drain_spool(spool, store, AskHistory::no, at(11)));
  CHECK(ok(store.read()).state.owed.empty());
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "what was done on this host to a call does not undo that a person asked since") {
  const ModeState seen = decide("first", 1);
  ModeState owing = seen;
  owing.owed = {call()};
  stamp(owing, "owing");
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), owing, std::nullopt, warnings)) == Commit::done);
  SpoolEntry done;
  done.before = done.after = ok(store.read()).state;
  SUBCASE("it was given up") {
    end_call(done.after, OwedCallback(done.after.owed[0]), EndedCallback::How::given_up, at(4));
  }
  SUBCASE("it failed") { done.after.owed[0].count_failure({at(4), "host"}); }
  done.after.writer = "done";
  ok(ok(spool.open()).append(std::vector{done}));
  ModeState asked = ok(store.read()).state;
  asked.owed[0].ask_again(at(6));
  stamp(asked, "asked");
  REQUIRE(ok(store.write(ok(store.read()), asked, std::nullopt, warnings)) == Commit::done);
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  const ModeState after = ok(store.read()).state;
  REQUIRE(after.owed.size() == 1);
  CHECK(after.owed[0].asked_at == at(6));
  CHECK(after.owed[0].failed == 0);
  CHECK(after.ended.empty());
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "what ended on this host after a person had asked for it is over in the store") {
  owe_in_store();
  SpoolEntry ran;
  ran.before = ran.after = ok(store.read()).state;
  end_call(ran.after, OwedCallback(ran.after.owed[0]), EndedCallback::How::ran, at(6));
  ran.after.writer = "ran";
  ok(ok(spool.open()).append(std::vector{ran}));
  change_in_store([](ModeState& state) { state.owed[0].ask_again(at(4)); });
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  const ModeState after = ok(store.read()).state;
  CHECK(after.owed.empty());
  REQUIRE(after.ended.size() == 1);
  CHECK(after.ended[0].how == EndedCallback::How::ran);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a call that has ended is not owed again by what stays here") {
  const ModeState seen = decide("first", 1);
  SpoolEntry alone = decision(seen, "alone", 2);
  alone.transition->to = alone.after.mode;
  alone.after.owed = {owe(*alone.transition, {}, at(2))};
  alone.after.owed[0].give_back();
  SUBCASE("by a decision that holds") {}
  SUBCASE("by one that does not, for others have decided since") { decide("others", 3); }
  // Another host has seen it end.
  ModeState over = ok(store.read()).state;
  end_call(over, OwedCallback(alone.after.owed[0]), EndedCallback::How::ran, at(4));
  stamp(over, "over");
  over.decision = ok(store.read()).state.decision;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), over, std::nullopt, warnings)) == Commit::done);
  ok(ok(spool.open()).append(std::vector{alone}));
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(ok(store.read()).state.owed.empty());
  REQUIRE(ok(store.read()).state.ended.size() == 1);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "what another host runs now is not taken away from it") {
  owe_in_store();
  SpoolEntry gone;
  gone.before = gone.after = ok(store.read()).state;
  gone.after.writer = "gone";
  bool dropped = false;
  SUBCASE("by giving it up") {}
  SUBCASE("by dropping it, which is said") { dropped = true; }
  end_call(gone.after, OwedCallback(gone.after.owed[0]),
           dropped ? EndedCallback::How::dropped : EndedCallback::How::given_up, at(4));
  ok(ok(spool.open()).append(std::vector{gone}));
  change_in_store([](ModeState& state) { state.owed[0].claim_for("others", {}, at(6)); });
  clock.set_now(at(9));
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(report.warnings.size() == (dropped ? 1 : 0));
  const ModeState after = ok(store.read()).state;
  REQUIRE(after.owed.size() == 1);
  CHECK(after.owed[0].claim == "others");
  CHECK(after.ended.empty());
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "what was asked for on this host holds, unless it has run well since") {
  owe_in_store();
  SpoolEntry asked;
  asked.before = asked.after = ok(store.read()).state;
  asked.after.owed[0].give_back();
  asked.after.owed[0].ask_again(at(5));
  asked.after.writer = "asked";
  ok(ok(spool.open()).append(std::vector{asked}));
  const auto end_there = [&](EndedCallback::How how, int seconds) {
    change_in_store(
        [&](ModeState& state) { end_call(state, OwedCallback(state.owed[0]), how, at(seconds)); });
    ok(drain_spool(spool, store, AskHistory::no, at(9)));
    return ok(store.read()).state;
  };
  SUBCASE("given up before it was asked for") {
    const ModeState after = end_there(EndedCallback::How::given_up, 4);
    REQUIRE(after.owed.size() == 1);
    CHECK(after.owed[0].asked_at == at(5));
    CHECK(after.ended.empty());
  }
  SUBCASE("dropped afterwards") { CHECK(end_there(EndedCallback::How::dropped, 6).owed.empty()); }
  SUBCASE("run well before") {
    const ModeState after = end_there(EndedCallback::How::ran, 4);
    CHECK(after.owed.empty());
    CHECK(after.ended.size() == 1);
  }
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "an attempt that stands takes over the call of what was decided instead of it") {
  const ModeState seen = decide("first", 1);
  SpoolEntry attempt = decision(seen, "attempt", 5);
  attempt.after.owed = {owe(*attempt.transition, {}, at(5))};
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), attempt.after, attempt.transition, warnings)) ==
          Commit::done);
  attempt.attempt = true;
  SpoolEntry anew = decision(seen, "anew", 6);
  anew.instead_of = "attempt";
  anew.after.owed = {owe(*anew.transition, {}, at(6))};
  const auto drained = [&](std::int64_t recorded = 1) {
    ok(ok(spool.open()).append({attempt, anew}));
    CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).recorded == recorded);
    return ok(store.read()).state.owed;
  };
  SUBCASE("that still runs: under its claim, so that nobody else makes the call meanwhile") {
    const auto owed = drained();
    REQUIRE(owed.size() == 1);
    CHECK(owed.front().transition.writer == "attempt");
    CHECK(owed.front().claim == "anew");
    CHECK(owed.front().claimed_at == at(6));
  }
  SUBCASE("that failed: with the wait before the next run") {
    anew.after.owed.front().count_failure({at(7), "host"});
    const auto owed = drained();
    REQUIRE(owed.size() == 1);
    CHECK(owed.front().transition.writer == "attempt");
    CHECK(owed.front().claim == "");
    CHECK(owed.front().failed == 1);
  }
  SUBCASE("that was made: nothing is owed") {
    anew.after.owed.clear();
    CHECK(drained().empty());
  }
  SUBCASE("that was a pin alone, on a mode that seemed to be entered: it is given back") {
    anew.transition->from = anew.transition->to;
    anew.after.owed.clear();
    const auto owed = drained(0);
    REQUIRE(owed.size() == 1);
    CHECK(owed.front().transition.writer == "attempt");
    CHECK(owed.front().claim == "");
  }
  SUBCASE("that was of another mode: it is given back, and the other is owed as well") {
    anew.after.mode = anew.transition->to = Mode::heuristic;
    const auto owed = drained(0);
    REQUIRE(owed.size() == 2);
    CHECK(owed.front().transition.writer == "attempt");
    CHECK(owed.front().claim == "");
    CHECK(owed.front().failed == 0);
    CHECK(owed.back().transition.writer == "anew");
    CHECK_FALSE(owed.back().transition.epoch.has_value());
  }
}

TEST_CASE_FIXTURE(
    SpoolDrainFixture,
    "a transition of this host alone is in the history, whatever stands instead of it") {
  // A pin on the mode that held there, whose answer was lost. This host then took another mode for
  // the present one, entered that of the pin, and made the call.
  const ModeState seen = decide("first", 1);
  SpoolEntry attempt = decision(seen, "attempt", 5);
  attempt.after.mode = seen.mode;
  attempt.after.epoch = seen.epoch;
  attempt.after.pin = Pin{std::nullopt, "why", "ops@host", at(5)};
  attempt.transition->to = seen.mode;
  attempt.transition->epoch.reset();
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), attempt.after, attempt.transition, warnings)) ==
          Commit::done);
  attempt.attempt = true;
  SpoolEntry anew = decision(seen, "anew", 6);
  anew.before.mode = anew.transition->from = Mode::heuristic;
  anew.after.mode = anew.transition->to = seen.mode;
  anew.after.pin = attempt.after.pin;
  anew.instead_of = "attempt";
  ok(ok(spool.open()).append({attempt, anew}));
  const DrainReport report = ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(report.recorded == 1);
  CHECK(report.overtaken == 0);
  CHECK(report.pins_lost == 0);
  const Transition last = history().back();
  CHECK(last.writer == "anew");
  CHECK(last.trigger == trigger::kOffline);
  CHECK(last.from == Mode::heuristic);
  CHECK(last.to == seen.mode);
  CHECK(ok(store.read()).state.pin == attempt.after.pin);
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a person outranks whoever gave the call up without knowing of the order") {
  const ModeState owing = owe_in_store();
  SpoolEntry here;
  here.before = here.after = owing;
  here.after.writer = "here";
  SUBCASE("in an outage, after it was asked for in the store") {
    end_call(here.after, OwedCallback(owing.owed[0]), EndedCallback::How::given_up, at(6));
    change_in_store([](ModeState& state) { state.owed[0].ask_again(at(4)); });
  }
  SUBCASE("in the store, after it was asked for in an outage") {
    here.after.owed[0].ask_again(at(4));
    change_in_store([](ModeState& state) {
      end_call(state, OwedCallback(state.owed[0]), EndedCallback::How::given_up, at(6));
    });
  }
  SUBCASE("in an outage, while another host had claimed it") {
    here.after.owed[0].ask_again(at(4));
    change_in_store([](ModeState& state) { state.owed[0].claim_for("others", {}, at(6)); });
  }
  ok(ok(spool.open()).append({here}));
  // Twice, as where the spool cannot be shortened.
  for (int i = 0; i < 2; ++i) {
    ok(drain_spool(spool, store, AskHistory::no, at(9)));
    const ModeState after = ok(store.read()).state;
    REQUIRE(after.owed.size() == 1);
    CHECK(after.owed[0].asked_at == at(4));
    CHECK(after.owed[0].failed == 0);
    CHECK(after.ended.empty());
    ok(ok(spool.open()).append({here}));
  }
  // Who knows of the order may give it up, and then it stays given up.
  change_in_store([](ModeState& state) {
    end_call(state, OwedCallback(state.owed[0]), EndedCallback::How::given_up, at(8));
  });
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(ok(store.read()).state.owed.empty());
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "an order about a call that nobody knows any more is said") {
  SpoolEntry asked;
  asked.before = asked.after = owe_in_store();
  asked.after.owed[0].ask_again(at(4));
  asked.after.writer = "asked";
  change_in_store([](ModeState& state) { state.owed.clear(); });
  ok(ok(spool.open()).append({asked}));
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).warnings.size() == 1);
  CHECK(ok(store.read()).state.owed.empty());
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "what was decided on another mode than the attempt that stands is overtaken") {
  const ModeState seen = decide("first", 1);
  REQUIRE(seen.mode == Mode::safe);
  SpoolEntry attempt = decision(seen, "attempt", 5);
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(ok(store.read()), attempt.after, attempt.transition, warnings)) ==
          Commit::done);
  attempt.attempt = true;
  SpoolEntry anew = decision(seen, "anew", 6);
  anew.instead_of = "attempt";
  anew.after.mode = anew.transition->to = Mode::heuristic;
  SpoolEntry next = decision(anew.after, "next", 7);
  REQUIRE(next.transition->from == Mode::heuristic);
  ok(ok(spool.open()).append({attempt, anew, next}));
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).overtaken == 2);
  CHECK(ok(store.read()).state.mode == Mode::primary);
  REQUIRE(history().size() == 4);
  CHECK(history()[2].writer == "anew");
  CHECK(history()[2].trigger == trigger::kOffline);
  CHECK(history()[3].writer == "next");
  CHECK(history()[3].trigger == trigger::kOffline);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a call that others have claimed since is theirs") {
  const ModeState seen = decide("first", 1);
  const auto now = ok(store.read());
  ModeState owing = now.state;
  owing.owed.push_back(call());
  ok(ok(spool.open()).append(std::vector{tried_in_vain(owing)}));
  owing.owed.front().claim_for("others", {}, at(6));
  owing.writer = "owes";
  ++owing.version;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(now, owing, std::nullopt, warnings)) == Commit::done);
  ok(drain_spool(spool, store, AskHistory::no, at(9)));
  CHECK(ok(store.read()).state.owed.front().claim == "others");
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a clock that was ahead in an outage ends nothing that the store's has not") {
  ManualClock shared{at(10)};
  ClockedStorage clocked(storage, shared);
  ModeStore there(clocked, std::chrono::hours{1});
  ModeState pinned = decide("first", 1);
  const auto now = ok(store.read());
  pinned.pin = Pin{at(1800), "upgrade", "ops@db1", at(2)};
  pinned.writer = pinned.decision = "pin";
  ++pinned.version;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(now, pinned, std::nullopt, warnings)) == Commit::done);
  SpoolEntry entry = decision(pinned, "alone", 3600);
  SUBCASE("a pin") {
    entry.after.pin.reset();
    entry.transition->trigger = trigger::kPinExpired;
  }
  SUBCASE("a pin, in an outage that was longer than the clock was ahead") {
    shared.set_now(at(1700));
    entry = decision(pinned, "alone", 1600);
    entry.after.pin.reset();
    entry.transition->trigger = trigger::kPinExpired;
  }
  SUBCASE("a dwell") {}
  ok(ok(spool.open()).append(std::vector{entry}));
  const DrainReport report = ok(drain_spool(spool, there, AskHistory::no, shared.now()));
  CHECK(report.overtaken == 1);
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0].find("ahead of the store's") != std::string::npos);
  CHECK(ok(store.read()).state.mode == Mode::safe);
  CHECK(ok(store.read()).state.pin);
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a pin of an outage holds for its time by the store's clock") {
  ManualClock shared{at(1000)};
  ClockedStorage clocked(storage, shared);
  ModeStore there(clocked, std::chrono::hours{1});
  decide("first", 1);
  const ModeState seen = decide("second", 2);
  SpoolEntry order = decision(seen, "order", 900);
  const auto given = [&](std::int64_t seconds) {
    order.after.pin = Pin{at(seconds + 3600), "upgrade", "ops@db1", at(seconds)};
  };
  HostTime here(at(1000));
  here.uptime = {"this start", std::chrono::seconds{500}};
  order.made = {"this start", std::chrono::seconds{400}};
  bool moved = true;
  SUBCASE("given by a clock that was behind, and is right again") { given(900 - 3600); }
  SUBCASE("given by a clock that was ahead, and is right again") { given(900 + 86'400); }
  SUBCASE("given by a clock that is still ahead, before the machine was started again") {
    given(900 + 86'400);
    order.made.boot = "an earlier start";
    here.now = at(1000 + 86'400);
  }
  SUBCASE("given by a clock that was right") {
    given(900);
    moved = false;
  }
  ok(ok(spool.open()).append(std::vector{order}));
  const DrainReport report = ok(drain_spool(spool, there, AskHistory::no, here));
  CHECK(report.recorded == 1);
  CHECK(report.warnings.empty() != moved);
  const ModeState now = ok(store.read()).state;
  REQUIRE(now.pin);
  CHECK(now.pin->set_at == at(900));
  CHECK(now.pin->until == at(900 + 3600));
}

TEST_CASE_FIXTURE(SpoolDrainFixture, "a worse mode holds, whatever the clock of who entered it") {
  ManualClock shared{at(10)};
  ClockedStorage clocked(storage, shared);
  ModeStore there(clocked, std::chrono::hours{1});
  decide("first", 1);
  const ModeState seen = decide("second", 2);
  REQUIRE(seen.mode == Mode::primary);
  ok(ok(spool.open()).append(std::vector{decision(seen, "alone", 3600)}));
  CHECK(ok(drain_spool(spool, there, AskHistory::no, shared.now())).recorded == 1);
  CHECK(ok(store.read()).state.mode == Mode::safe);
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "what a clock that was ahead decided comes once, also where a drain dies") {
  ManualClock shared{at(10)};
  ClockedStorage clocked(storage, shared);
  ModeStore there(clocked, std::chrono::hours{1});
  const ModeState seen = decide("first", 1);
  SpoolEntry alone = decision(seen, "alone", 3600);
  SUBCASE("worse, so that it holds") {
    alone = decision(decide("second", 2), "alone", 3600);
    REQUIRE(alone.after.mode == Mode::safe);
  }
  SUBCASE("better, so that it does not") { REQUIRE(alone.after.mode == Mode::primary); }
  ok(ok(spool.open()).append(std::vector{alone}));
  ok(drain_spool(spool, there, AskHistory::no, shared.now()));
  const std::size_t records = history().size();
  // It died before the entry had left the spool, and others have decided since.
  decide("others", 5000);
  ok(ok(spool.open()).append(std::vector{alone}));
  shared.advance(std::chrono::seconds{5});
  ok(drain_spool(spool, there, AskHistory::no, shared.now()));
  CHECK(history().size() == records + 1);
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a call of what was overtaken has not the epoch of what others decided") {
  const ModeState seen = decide("first", 1);
  SpoolEntry alone = decision(seen, "alone", 5);
  alone.after.owed.push_back(owe(*alone.transition, {}, at(5)));
  ok(ok(spool.open()).append(std::vector{alone}));
  decide("others", 6);
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).overtaken == 1);
  const ModeState now = ok(store.read()).state;
  REQUIRE(now.owed.size() == 1);
  CHECK_FALSE(now.owed.front().transition.epoch);
}

TEST_CASE_FIXTURE(SpoolDrainFixture,
                  "a pin that ran out meanwhile is not brought back by a later decision") {
  ModeState pinned = decide("first", 1);
  pinned.pin = Pin{at(4), "upgrade", "ops@db1", at(1)};
  const auto now = ok(store.read());
  pinned.writer = pinned.decision = "pin";
  ++pinned.version;
  std::vector<std::string> warnings;
  REQUIRE(ok(store.write(now, pinned, std::nullopt, warnings)) == Commit::done);
  ok(ok(spool.open()).append({decision(pinned, "alone", 5)}));
  ModeState without = pinned;
  without.pin.reset();
  without.writer = "ran out";
  ++without.version;
  REQUIRE(ok(store.write(ok(store.read()), without, std::nullopt, warnings)) == Commit::done);
  CHECK(ok(drain_spool(spool, store, AskHistory::no, at(9))).recorded == 1);
  CHECK_FALSE(ok(store.read()).state.pin);
}

}  // namespace
}  // namespace rz::fallback
