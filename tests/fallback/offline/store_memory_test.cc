// A store that knows less than a host has seen in it is told of, and given it back.
#include "rz/fallback/offline/store_memory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_entry.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

ModeState state_of(std::string lineage, std::int64_t version, Mode mode = Mode::safe) {
  ModeState state;
  state.lineage = std::move(lineage);
  state.version = version;
  state.epoch = version;
  state.mode = mode;
  return state;
}

TEST_CASE("versions tell within a lineage, ancestors across them") {
  const ModeState known = state_of("a", 5);
  CHECK_FALSE(has_lost(known, known));
  CHECK_FALSE(has_lost(state_of("a", 6), known));
  CHECK(has_lost(state_of("a", 4), known));
  CHECK(has_lost(ModeState{}, known));
  CHECK(has_lost(state_of("b", 100), known));
  ModeState successor = state_of("b", 1);
  take_place_of(successor, known);
  CHECK_FALSE(has_lost(successor, known));
  // A host that had seen more than whoever put it back.
  CHECK(has_lost(successor, state_of("a", 6)));
  // Nothing was decided yet.
  CHECK_FALSE(has_lost(ModeState{}, ModeState{}));
  CHECK_FALSE(has_lost(state_of("b", 1), ModeState{}));
}

TEST_CASE("a loss that shows in neither mode nor epoch is no contradiction") {
  const ModeState known = state_of("a", 5);
  ModeState there = known;
  CHECK(describe_loss(there, known, KnownFrom::host) ==
        "the store has lost its memory: it says safe at epoch 5, but lacks an order or a decision "
        "that this host has seen there");
  CHECK(describe_loss(there, known, KnownFrom::history) ==
        "the store has lost its memory: it says safe at epoch 5, but lacks an order or a decision "
        "that is in its history");
  there.epoch = 4;
  CHECK(
      describe_loss(there, known, KnownFrom::host) ==
      "the store has lost its memory: it says safe at epoch 4, but this host has seen it say safe "
      "at epoch 5");
}

TEST_CASE("a decision tells where a version comes twice") {
  ModeState known = state_of("a", 5);
  known.decision = "mine";
  known.decisions = {{"both", 3}, {"mine", 5}};
  ModeState there = state_of("a", 7);
  there.decisions = {{"both", 3}, {"theirs", 5}, {"later", 7}};
  CHECK(has_lost(there, known));
  ModeState later = there;
  add_decision(later.decisions, {"mine", 5});
  CHECK_FALSE(has_lost(later, known));
  // Whoever takes the place of both follows from both.
  take_place_of(there, known);
  CHECK_FALSE(has_lost(there, known));
  // A state of which more was decided since than is noted is told by its version alone.
  ModeState full = state_of("a", 40);
  for (std::int64_t version = 40; full.decisions.size() < kDecisionsMax; --version) {
    add_decision(full.decisions, {std::to_string(version), version});
  }
  CHECK_FALSE(has_lost(full, known));
  full.decisions.front().version = 4;
  CHECK(has_lost(full, known));
  // Written by something that notes no decisions.
  full.decisions.clear();
  CHECK_FALSE(has_lost(full, known));
  known.decisions.clear();
  CHECK_FALSE(has_lost(there, known));
}

TEST_CASE("a state that was written without lineages is told by its epoch") {
  ModeState old = state_of("", 0);
  old.epoch = 3;
  ModeState newer = old;
  newer.epoch = 4;
  CHECK_FALSE(has_lost(newer, old));
  CHECK(has_lost(old, newer));
  CHECK_FALSE(has_lost(state_of("a", 4), old));
  CHECK(has_lost(state_of("a", 2), newer));
}

TEST_CASE("a store that was begun anew since has lost nothing, whatever its version") {
  ModeState there = state_of("new", 1, Mode::primary);
  const ModeState known = state_of("old", 5);
  REQUIRE(has_lost(there, known));
  there.begun_anew = Beginning{"new", "root@db1"};
  CHECK_FALSE(has_lost(there, known));
  CHECK(describe_beginning(there, known).find("begun anew by root@db1") != std::string::npos);
  // So it is with what descends from it, whose lineage may be another one.
  there.lineage = "newer";
  CHECK_FALSE(has_lost(there, known));
  // Whoever knows of it already sees any later loss.
  ModeState later = state_of("new", 5);
  CHECK(has_lost(there, later));
  CHECK(describe_beginning(there, later) == "");
  ModeState descendant = state_of("newest", 9);
  take_place_of(descendant, later);
  CHECK(has_lost(there, descendant));
  // The other way round the older state does not count.
  CHECK(has_lost(known, there));
  // A state that takes the place of what was known needs no doubt.
  there.ancestors = {{"old", 5}};
  CHECK(describe_beginning(there, known) == "");
  CHECK(describe_beginning(there, ModeState{}) == "");
}

TEST_CASE("a memory that is put back is still one that was begun anew") {
  ModeState known = state_of("new", 3);
  known.begun_anew = Beginning{"new", "root@db1"};
  CHECK(restored(ModeState{}, known, at(0)).begun_anew == known.begun_anew);
  // Also where the mode that holds is the other one's.
  CHECK(restored(state_of("other", 1), state_of("new", 3, Mode::primary), at(0)).begun_anew ==
        std::nullopt);
  known.mode = Mode::primary;
  CHECK(restored(state_of("other", 1), known, at(0)).begun_anew == known.begun_anew);
}

TEST_CASE("what is put back does not undo the claim of a call that runs meanwhile") {
  const TimePoint now{std::chrono::seconds{1'000}};
  OwedCallback call;
  call.transition.writer = "t";
  call.claim = "of a host that is gone";
  call.claimed_at = now - std::chrono::seconds{60};
  ModeState known = state_of("a", 5);
  known.owed = {call};
  ModeState there = state_of("b", 2);
  call.claim = "of a host that runs it";
  call.claimed_at = now;
  there.owed = {call};
  CHECK(restored(there, known, now).owed == there.owed);
  // Nor does an older copy of the store undo what this host knows of it.
  std::swap(there.owed, known.owed);
  CHECK(restored(there, known, now).owed == known.owed);
  // A run that failed is later than the claim that it had, and earlier than a later one.
  there.owed[0].claimed_at = now;
  there.owed[0].count_failure({now, "host"});
  CHECK(restored(there, known, now).owed == there.owed);
  known.owed[0].claimed_at = now + std::chrono::seconds{1};
  const ModeState both = restored(there, known, now);
  REQUIRE(both.owed.size() == 1);
  CHECK(both.owed[0].claim == known.owed[0].claim);
  CHECK(both.owed[0].failed == 1);
  CHECK(both.owed[0].not_before == there.owed[0].not_before);
}

EndedCallback ended_call(const std::string& token, int at_second,
                         EndedCallback::How how = EndedCallback::How::ran) {
  EndedCallback call;
  call.transition.writer = token;
  call.how = how;
  call.at = at(at_second);
  return call;
}

TEST_CASE("what has ended is owed no more when a memory is put back, however much has ended") {
  ModeState there = state_of("b", 2);
  for (int i = 1; i <= 5; ++i) there.ended.push_back(ended_call("old" + std::to_string(i), i));
  OwedCallback call;
  call.transition.writer = "x";
  there.owed = {call};
  ModeState known = state_of("a", 5);
  known.ended = {there.ended.begin() + 1, there.ended.end()};
  known.ended.push_back(ended_call("x", 9));
  const ModeState both = restored(there, known, at(10));
  CHECK(both.owed.empty());
  REQUIRE(both.ended.size() == kEndedCallbacksMax);
  CHECK(both.ended.back().transition.writer == "x");
  SUBCASE("one that has run stays that") {
    there.owed.clear();
    there.ended = {ended_call("x", 20, EndedCallback::How::given_up)};
    CHECK(restored(there, known, at(30)).ended.back().how == EndedCallback::How::ran);
  }
  SUBCASE("but what runs is neither given up nor dropped") {
    there.owed[0].claim_for("others", {}, at(10));
    for (const auto how : {EndedCallback::How::given_up, EndedCallback::How::dropped}) {
      known.ended.back().how = how;
      CHECK(restored(there, known, at(11)).owed == there.owed);
      CHECK(restored(there, known, at(11) + std::chrono::hours{1}).owed.empty());
      // It ended since under this claim.
      known.ended.back().at = at(10);
      CHECK(restored(there, known, at(11)).owed.empty());
      known.ended.back().at = at(9);
    }
  }
  SUBCASE("unless a person has asked for it since") {
    known.ended.back().how = EndedCallback::How::given_up;
    there.owed[0].ask_again(at(11));
    const ModeState asked = restored(there, known, at(12));
    REQUIRE(asked.owed.size() == 1);
    CHECK(asked.owed[0].asked_at == at(11));
    CHECK(std::none_of(asked.ended.begin(), asked.ended.end(),
                       [](const EndedCallback& each) { return each.transition.writer == "x"; }));
  }
}

TEST_CASE("what a person asked for again is not undone by an older copy") {
  OwedCallback used_up;
  used_up.transition.writer = "x";
  used_up.failed = 3;
  used_up.claimed_at = at(5);
  ModeState there = state_of("b", 2);
  there.owed = {used_up};
  ModeState known = state_of("a", 5);
  known.owed = {used_up};
  known.owed[0].claimed_at = {};
  known.owed[0].ask_again(at(7));
  for (const ModeState& both : {restored(there, known, at(8)), restored(known, there, at(8))}) {
    REQUIRE(both.owed.size() == 1);
    CHECK(both.owed[0].failed == 0);
    CHECK(both.owed[0].asked_at == at(7));
  }
}

TEST_CASE("no more ancestors are kept than there is room for") {
  ModeState next = state_of("now", 1);
  for (std::size_t i = 0; i < 2 * kAncestorsMax; ++i) {
    take_place_of(next, state_of("l" + std::to_string(i), 1));
  }
  CHECK(next.ancestors.size() == kAncestorsMax);
  CHECK(next.ancestors.back().lineage == "l" + std::to_string(2 * kAncestorsMax - 1));
}

TEST_CASE("what is put back: an order outranks evaluation, and the worse mode the better one") {
  ModeState known = state_of("a", 5, Mode::primary);
  ModeState there = state_of("b", 1, Mode::heuristic);
  CHECK(restored(there, known, at(0)).mode == Mode::heuristic);
  known.pin = Pin{std::nullopt, "known", "ops@db1"};
  CHECK(restored(there, known, at(0)).mode == Mode::primary);
  CHECK(restored(there, known, at(0)).pin == known.pin);
  known.mode = Mode::safe;
  there.pin = Pin{std::nullopt, "later", "ops@db2"};
  CHECK(restored(there, known, at(0)).pin == there.pin);
  there.pin->until = at(-1);
  CHECK(restored(there, known, at(0)).mode == Mode::safe);
}

struct StoreMemoryFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  std::vector<std::string> calls;

  FallbackManager host(const std::string& name) {
    return FallbackManager(
        store,
        {.actor = "ops", .host = name, .spool = std::make_shared<Spool>(folder / name, "store")},
        clock);
  }
  void empty_store() {
    for (const std::string& key : ok(scan_all_keys(store, "*"))) ok(store.remove(key));
  }
  std::vector<Transition> records() {
    return ok(TransitionLog(store, std::chrono::hours{1}).list({}));
  }
};

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a store that was set back and written to again has lost what it had of it") {
  auto a = host("a");
  auto b = host("b");
  ok(a.cascade(circuit_open(60)));
  const std::string copy = *ok(store.get(kModeStateKey));
  ok(b.cascade(failed(2)));
  ok(store.set(kModeStateKey, copy));
  clock.advance(std::chrono::seconds{1});
  ok(a.cascade(kHealthy));
  const Evaluation seen = ok(b.status());
  CHECK(seen.after.mode == Mode::safe);
  CHECK(seen.store.store_lost != "");
  CHECK_FALSE(seen.store.doubts.empty());
  const Evaluation agreed = ok(a.status());
  CHECK(agreed.after.mode == Mode::safe);
  CHECK(agreed.store.doubts.empty());
  CHECK(ok(b.status()).store.doubts.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "an emptied store is given back mode and pin, once, and all hosts agree") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("safe", std::nullopt, "migration"));
  ok(b.status());
  empty_store();
  clock.advance(std::chrono::seconds{1});

  const Evaluation dry = ok(a.dry_run(kHealthy));
  CHECK(dry.after.mode == Mode::safe);
  CHECK_FALSE(dry.store.store_lost.empty());
  CHECK_FALSE(dry.store.doubts.empty());
  CHECK(ok(scan_all_keys(store, "*")).empty());

  const Evaluation seen = ok(a.cascade(kHealthy));
  CHECK(seen.after.mode == Mode::safe);
  REQUIRE(seen.after.pin);
  CHECK(seen.after.pin->reason == "migration");
  CHECK(seen.store.store_lost.find("it is empty") != std::string::npos);
  CHECK(seen.store.doubts.size() == 1);
  const Evaluation other = ok(b.cascade(kHealthy));
  CHECK(other.after.mode == Mode::safe);
  CHECK(other.store.store_lost.empty());
  CHECK(other.store.doubts.empty());
  REQUIRE(records().size() == 1);
  CHECK(records()[0].trigger == "restored");
  CHECK(records()[0].from == Mode::primary);
  CHECK(records()[0].to == Mode::safe);
  CHECK(records()[0].epoch == 2);
  CHECK(ok(a.status()).store.doubts.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a store that others began anew is given back what was known, too") {
  auto a = host("a");
  ok(a.set_mode("safe", std::nullopt, "migration"));
  empty_store();
  auto stranger = host("stranger");
  for (int i = 0; i < 5; ++i) ok(stranger.cascade(i % 2 == 0 ? circuit_open(9) : kHealthy));
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::safe);
  CHECK(seen.after.epoch == 6);
  CHECK_FALSE(seen.store.store_lost.empty());
  CHECK(ok(stranger.cascade(kHealthy)).after.mode == Mode::safe);
  CHECK(ok(stranger.status()).store.store_lost.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "what was reported went with the store: that is no recovery in the same run") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  empty_store();
  const Evaluation seen = ok(a.cascade(kHealthy));
  CHECK(seen.after.mode == Mode::safe);
  CHECK_FALSE(seen.store.store_lost.empty());
  CHECK(seen.held.find("lost what was reported") != std::string::npos);
  CHECK(ok(a.cascade(kHealthy)).after.mode == Mode::primary);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "an older copy of the store is told, also where only a pin is missing") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  const std::string older = *ok(store.get(kModeStateKey));
  ok(a.set_mode("safe", std::nullopt, "migration"));
  ok(store.set(kModeStateKey, older));
  const Evaluation seen = ok(a.cascade(kHealthy));
  CHECK(seen.after.mode == Mode::safe);
  CHECK(seen.after.pin.has_value());
  CHECK_FALSE(seen.store.store_lost.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a host that had seen more than the one that was first puts that back") {
  auto a = host("a");
  auto b = host("b");
  ok(a.cascade(failed(2)));
  const std::string older = *ok(store.get(kModeStateKey));
  ok(a.cascade(kHealthy));
  ok(b.cascade(kHealthy));
  ok(a.set_mode("safe", std::nullopt, "migration"));
  ok(store.set(kModeStateKey, older));
  // The other has not seen the pin.
  CHECK_FALSE(ok(b.status()).store.store_lost.empty());
  CHECK_FALSE(ok(b.status()).after.pin);
  const Evaluation seen = ok(a.status());
  CHECK_FALSE(seen.store.store_lost.empty());
  CHECK(seen.after.pin.has_value());
  CHECK(ok(b.cascade(kHealthy)).after.mode == Mode::safe);
  CHECK(ok(b.status()).store.store_lost.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "decisions of an outage find an emptied store: nobody has overtaken them") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  {
    // A decision in the spool, as of an outage.
    Spool spool(folder / "a", "store");
    const ModeState before = *ok(spool.peek()).state();
    SpoolEntry entry{{before, before, std::nullopt}};
    entry.after.mode = Mode::heuristic;
    entry.after.epoch = 2;
    entry.after.since = at(1);
    entry.after.writer = "token";
    entry.transition =
        Transition{at(1), Mode::safe, Mode::heuristic, "spooled", "evaluation", "ops", "a", 2};
    ok(ok(spool.open()).append({entry}));
  }
  empty_store();
  clock.advance(std::chrono::seconds{10});
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::heuristic);
  CHECK_FALSE(seen.store.store_lost.empty());
  for (const std::string& warning : seen.store.warnings) {
    CHECK(warning.find("overtaken") == std::string::npos);
  }
  REQUIRE(records().size() == 2);
  CHECK(records()[0].trigger == "restored");
  CHECK(records()[1].reason == "spooled");
  CHECK(records()[1].epoch == 3);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "what was forgotten on purpose stays forgotten, on every host") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("safe", std::nullopt, "migration"));
  ok(b.status());
  SUBCASE("the store stands") {}
  SUBCASE("the store was emptied") { empty_store(); }
  SUBCASE("the stored state cannot be read") { ok(store.set(kModeStateKey, "{half")); }
  const Evaluation anew = ok(a.forget());
  CHECK(anew.after.mode == Mode::primary);
  CHECK_FALSE(anew.after.pin);
  for (FallbackManager* each : {&a, &b}) {
    const Evaluation seen = ok(each->cascade(kHealthy));
    CHECK(seen.after.mode == Mode::primary);
    CHECK(seen.store.store_lost.empty());
  }
  CHECK(records().back().trigger == "forgotten");
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "who forgets may know less than the others: they accept it, and doubt it once") {
  auto a = host("a");
  auto b = host("b");
  auto root = host("root");
  ok(a.cascade(failed(2)));
  ok(a.set_mode("safe", std::nullopt, "migration"));
  ok(b.status());
  empty_store();
  clock.advance(std::chrono::seconds{1});
  ok(root.forget());
  CHECK(ok(root.status()).store.doubts.empty());
  for (FallbackManager* each : {&a, &b}) {
    CHECK(ok(each->dry_run(kHealthy)).store.doubts.size() == 1);
    const Evaluation seen = ok(each->cascade(kHealthy));
    CHECK(seen.after.mode == Mode::primary);
    CHECK_FALSE(seen.after.pin);
    CHECK(seen.store.store_lost.empty());
    REQUIRE(seen.store.doubts.size() == 1);
    CHECK(
        seen.store.doubts[0] ==
        "the store was begun anew by ops@root with 'rz cascade forget'; this host had seen it say "
        "safe, pinned, at epoch 1, which no longer counts");
    CHECK(ok(each->cascade(kHealthy)).store.doubts.empty());
  }
  CHECK(records().size() == 1);
  // What is lost after that is a loss.
  ok(a.cascade(failed(2)));
  empty_store();
  CHECK(ok(a.status()).after.mode == Mode::safe);
  CHECK(ok(b.status()).store.doubts.empty());
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "what a host decided alone before others began anew is history only") {
  storage::FaultyStorage away(store, clock);
  FallbackManager a(
      away, {.actor = "ops", .host = "a", .spool = std::make_shared<Spool>(folder / "a", "store")},
      clock);
  ok(a.cascade(circuit_open(9)));
  away.inject(storage::Fault::failure());
  ok(a.cascade(failed(2)));
  ok(a.set_mode("safe", std::nullopt, "by hand"));
  empty_store();
  clock.advance(std::chrono::seconds{1});
  ok(host("root").forget());
  away.heal();
  const Evaluation foreseen = ok(a.dry_run(kHealthy));
  CHECK(foreseen.before.mode == Mode::primary);
  CHECK(foreseen.store.store_lost.empty());
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::primary);
  CHECK_FALSE(seen.after.pin);
  CHECK(seen.store.store_lost.empty());
  // That it was begun anew, and that neither the transition nor the order holds.
  CHECK(seen.store.doubts.size() == 3);
  REQUIRE(records().size() == 3);
  for (const Transition& each : records()) {
    CHECK(each.trigger ==
          (each.reason.starts_with("begun anew") ? trigger::kForgotten : trigger::kOffline));
  }
  CHECK(ok(a.status()).store.doubts.empty());
}

// What an older copy says is older, its pins included: whether another was set since then, or it
// was taken away.
TEST_CASE_FIXTURE(StoreMemoryFixture, "an older copy of a store brings no pin back") {
  auto a = host("a");
  ok(a.set_mode("primary", std::nullopt, "all is well"));
  const std::string copy = *ok(store.get(kModeStateKey));
  clock.advance(std::chrono::seconds{1});
  ok(a.release());
  SUBCASE("another was set") {
    ok(a.set_mode("safe", std::nullopt, "bad deploy"));
    ok(store.set(kModeStateKey, copy));
    const Evaluation seen = ok(a.status());
    CHECK(seen.store.store_lost != "");
    CHECK(seen.after.mode == Mode::safe);
    REQUIRE(seen.after.pin);
    CHECK(seen.after.pin->reason == "bad deploy");
  }
  SUBCASE("it was released") {
    ok(a.cascade(failed(3)));
    ok(store.set(kModeStateKey, copy));
    const Evaluation seen = ok(a.status());
    CHECK(seen.after.mode == Mode::safe);
    CHECK_FALSE(seen.after.pin);
    CHECK(ok(a.cascade(failed(3))).after.mode == Mode::safe);
  }
  SUBCASE("it was released, and nothing was decided since") {
    ok(store.set(kModeStateKey, copy));
    const Evaluation seen = ok(a.status());
    CHECK(seen.store.store_lost != "");
    CHECK_FALSE(seen.after.pin);
    CHECK(ok(a.cascade(failed(3))).after.mode == Mode::safe);
  }
  CHECK(ok(host("b").status()).after.mode == Mode::safe);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "whoever knew less puts back less, and whoever knew more the rest") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("primary", std::nullopt, "all is well"));
  clock.advance(std::chrono::seconds{1});
  ok(b.set_mode("safe", std::nullopt, "bad deploy"));
  empty_store();
  CHECK(ok(a.status()).after.mode == Mode::primary);
  const Evaluation seen = ok(b.status());
  CHECK(seen.after.mode == Mode::safe);
  REQUIRE(seen.after.pin);
  CHECK(seen.after.pin->reason == "bad deploy");
  CHECK(ok(a.status()).after.pin == seen.after.pin);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "an order that was given since the loss outranks what was known") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("safe", std::nullopt, "migration"));
  empty_store();
  clock.advance(std::chrono::seconds{1});
  ok(b.set_mode("heuristic", std::nullopt, "while it was away"));
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::heuristic);
  REQUIRE(seen.after.pin);
  CHECK(seen.after.pin->reason == "while it was away");
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a host that is new here takes a mode that is gone from the history") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  ok(store.remove(kModeStateKey));
  auto fresh = host("new");
  const Evaluation foreseen = ok(fresh.dry_run(kHealthy));
  CHECK(foreseen.before.mode == Mode::safe);
  CHECK(foreseen.store.store_lost.find("its history ends with safe at epoch 1") !=
        std::string::npos);
  const Evaluation seen = ok(fresh.status());
  CHECK(seen.after.mode == Mode::safe);
  CHECK(seen.after.epoch == 2);
  CHECK(seen.store.doubts.size() == 1);
  CHECK(ok(a.status()).after.mode == Mode::safe);
  // Where it was begun anew, the history is of before.
  ok(a.forget());
  ok(store.remove(kModeStateKey));
  CHECK(ok(host("newer").status()).after.mode == Mode::primary);
}

TEST_CASE_FIXTURE(StoreMemoryFixture, "a call that is owed is made by another process, once") {
  auto dying = host("a");
  dying.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    calls.push_back("dies");
    return {};
  });
  ok(dying.cascade(failed(2)));
  CHECK(calls.size() == 1);
  // As it is where the process was killed after its commit.
  ModeState state = ok(decode_mode_state(*ok(store.get(kModeStateKey))));
  CHECK(state.owed.empty());
  const Transition record = records()[0];
  state.owed.push_back(owe(record, {}, clock.now()));
  ++state.version;
  ok(store.set(kModeStateKey, encode(state)));

  auto next = host("b");
  next.register_mode_callback(Mode::safe, [&](const Transition& transition) -> Result<void> {
    calls.push_back(transition.reason);
    return {};
  });
  // It may still be at it.
  CHECK(ok(next.status()).after.callbacks_owed == 1);
  CHECK(calls.size() == 1);
  clock.advance(std::chrono::seconds{41});
  // A host without such a callback leaves it.
  auto idle = host("c");
  CHECK(ok(idle.status()).after.callbacks_owed == 1);
  CHECK(ok(next.cascade(failed(2))).after.callbacks_owed == 0);
  CHECK(calls.back() == "multiple_failures(2)");
  ok(next.cascade(failed(2)));
  CHECK(calls.size() == 2);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a call of a process that has ended on this machine is made at once") {
  auto a = host("a");
  a.register_mode_callback(Mode::safe, [&](const Transition& transition) -> Result<void> {
    calls.push_back(transition.reason);
    return {};
  });
  ok(a.cascade(failed(2)));
  ModeState state = ok(decode_mode_state(*ok(store.get(kModeStateKey))));
  OwedCallback owed =
      owe(records()[0], {}, clock.now(), Spool(folder / "a", "store").calls().folder_token());
  // The number of this process with another begin: one that had it before.
  owed.process = owed.process.substr(0, owed.process.rfind('/')) + "/1";
  // Also where its clock was ahead.
  owed.claimed_at = clock.now() + std::chrono::hours{24};
  state.owed.push_back(owed);
  ++state.version;
  ok(store.set(kModeStateKey, encode(state)));
  CHECK(ok(a.status()).after.callbacks_owed == 0);
  CHECK(calls.size() == 2);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "what a store loses while a callback runs is said by the same call") {
  auto a = host("a");
  a.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    calls.push_back("loses");
    if (calls.size() == 1) ok(store.remove(kModeStateKey));
    return {};
  });
  const Evaluation seen = ok(a.cascade(failed(2)));
  CHECK(seen.after.mode == Mode::safe);
  CHECK(seen.store.store_lost != "");
  CHECK(seen.store.doubts.size() == 1);
  CHECK(ok(a.status()).after.mode == Mode::safe);
  // The mode was put back by a transition, which has a call of its own.
  CHECK(calls.size() == 2);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a call that fails is tried again, with pauses, and given up in the end") {
  auto a = host("a");
  int tries = 0;
  a.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    ++tries;
    return fail(ErrorCode::unavailable, "no pager");
  });
  ok(a.cascade(failed(2)));
  CHECK(tries == 1);
  ok(a.cascade(failed(2)));
  CHECK(tries == 1);
  clock.advance(std::chrono::seconds{10});
  ok(a.cascade(failed(2)));
  clock.advance(std::chrono::seconds{20});
  ok(a.cascade(failed(2)));
  CHECK(tries == 3);
  const Evaluation last = ok(a.cascade(failed(2)));
  CHECK(tries == 3);
  CHECK(last.after.callbacks_owed == 0);
  REQUIRE_FALSE(last.store.warnings.empty());
  CHECK(last.store.warnings.back().find("given up: 3 of 3 runs failed") != std::string::npos);
}

TEST_CASE_FIXTURE(StoreMemoryFixture,
                  "a claim by a clock that is ahead stands for its lease, and no longer") {
  auto a = host("a");
  a.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    calls.push_back("called");
    return {};
  });
  ok(a.cascade(failed(2)));
  ModeState state = ok(decode_mode_state(*ok(store.get(kModeStateKey))));
  state.owed.push_back(owe(records()[0], {}, at(1'000'000)));
  ++state.version;
  ok(store.set(kModeStateKey, encode(state)));
  calls.clear();
  ok(a.cascade(failed(2)));
  clock.advance(std::chrono::seconds{39});
  ok(a.cascade(failed(2)));
  CHECK(calls.empty());
  clock.advance(std::chrono::seconds{2});
  ok(a.cascade(failed(2)));
  CHECK(calls.size() == 1);
}

}  // namespace
}  // namespace rz::fallback
