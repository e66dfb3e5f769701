// The store goes away, decisions go on, and it comes back: each of them is in the log once.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_drain.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"
#include "storage/child_process.h"
#include "support/patient_store.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;

/// A host with a spool, on a store that can be taken away.
struct Host {
  Host(Storage& target, Clock& clock, const std::string& folder, RecoveryOptions recovery = {})
      : storage(target, clock),
        spool(std::make_shared<Spool>(folder, "store")),
        manager(storage, {.recovery = recovery, .actor = "ops", .host = "db1", .spool = spool},
                clock) {
    for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
      manager.register_mode_callback(mode, [this](const Transition& transition) -> Result<void> {
        entered.push_back(transition.to);
        return {};
      });
    }
  }
  void leave() { storage.inject(storage::Fault::failure()); }
  void come_back() { storage.heal(); }

  storage::FaultyStorage storage;
  std::shared_ptr<Spool> spool;
  std::vector<Mode> entered;
  FallbackManager manager;
};

struct OfflineFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  Host host{store, clock, folder.path()};
  Host other{store, clock, folder / "other"};

  std::vector<Transition> log() {
    TransitionLog log(store, std::chrono::hours{1});
    return ok(log.list({}));
  }
  /// The modes of the log, each with its epoch; `-` for none.
  std::string history() {
    std::string text;
    for (const Transition& record : log()) {
      text += std::string(to_string(record.from)) + ">" + to_string(record.to) + ":" +
              (record.epoch ? std::to_string(*record.epoch) : "-") + " ";
    }
    return text;
  }
};

TEST_CASE_FIXTURE(OfflineFixture,
                  "a host that has never known the mode decides nothing but a worse one") {
  host.leave();
  const std::string message = message_of(host.manager.cascade(kHealthy));
  CHECK(message.find("injected failure") != std::string::npos);
  CHECK(message.find("never known the mode") != std::string::npos);
  CHECK(code_of(host.manager.status()) == ErrorCode::unavailable);
  CHECK_FALSE(host.spool->pending());
  CHECK(host.entered.empty());

  const Evaluation worse = ok(host.manager.cascade(failed(2)));
  CHECK(worse.after.mode == Mode::safe);
  CHECK(worse.store.spooled == 1);
  CHECK(host.entered == std::vector{Mode::safe});
  ok(other.manager.set_mode("heuristic"));
  host.come_back();
  CHECK(ok(host.manager.status()).after.mode == Mode::heuristic);
}

TEST_CASE_FIXTURE(OfflineFixture, "without a spool an outage is an error, unless it gets worse") {
  storage::FaultyStorage storage(store, clock);
  FallbackManager manager(storage, {}, clock);
  ok(manager.cascade(kHealthy));
  storage.inject(storage::Fault::failure());
  CHECK(code_of(manager.cascade(kHealthy)) == ErrorCode::unavailable);
  CHECK(code_of(manager.set_mode("safe")) == ErrorCode::unavailable);
  const Evaluation worse = ok(manager.cascade(failed(2)));
  CHECK(worse.after.mode == Mode::safe);
  CHECK(worse.store.unrecorded);
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "the store goes and comes back: one transition, one callback, one record") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  clock.advance(std::chrono::seconds{10});
  const Evaluation down = ok(host.manager.cascade(failed(2)));
  CHECK(down.after.mode == Mode::safe);
  CHECK(down.before.mode == Mode::primary);
  CHECK(down.changed());
  CHECK(down.after.epoch == 1);
  CHECK(down.store.outage);
  CHECK(down.store.spooled == 1);
  clock.advance(std::chrono::seconds{10});
  const Evaluation again = ok(host.manager.cascade(failed(2)));
  CHECK_FALSE(again.changed());
  CHECK(again.after.since == at(10));
  CHECK(again.store.spooled == 1);
  CHECK(ok(host.manager.status()).after.mode == Mode::safe);
  CHECK(ok(host.manager.status()).store.spooled == 1);
  CHECK(mode_in(host.manager) == Mode::safe);
  CHECK(ok(host.manager.dry_run(kHealthy)).after.mode == Mode::primary);
  CHECK(log().empty());

  host.come_back();
  clock.advance(std::chrono::seconds{10});
  const Evaluation back = ok(host.manager.cascade(failed(2)));
  CHECK_FALSE(back.changed());
  CHECK_FALSE(back.store.outage);
  CHECK(back.after.since == at(10));
  REQUIRE(back.store.warnings.size() == 1);
  CHECK(back.store.warnings[0] ==
        "the store is back: 1 transition decided without it is now recorded");
  CHECK(history() == "primary>safe:1 ");
  CHECK(log()[0].timestamp == at(10));
  CHECK(log()[0].trigger == "evaluation");
  CHECK(host.entered == std::vector{Mode::safe});
  CHECK_FALSE(host.spool->pending());
  CHECK(ok(other.manager.status()).after.mode == Mode::safe);
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "a chain of decisions comes back in order, with the epochs it would have had") {
  ok(host.manager.cascade(failed(2)));
  host.leave();
  for (int i = 0; i < 3; ++i) {
    clock.advance(std::chrono::seconds{1});
    ok(host.manager.cascade(kHealthy));
    clock.advance(std::chrono::seconds{1});
    ok(host.manager.cascade(circuit_open(60)));
  }
  host.come_back();
  CHECK(ok(host.manager.status()).after.epoch == 7);
  CHECK(history() ==
        "primary>safe:1 safe>primary:2 primary>heuristic:3 heuristic>primary:4 "
        "primary>heuristic:5 heuristic>primary:6 primary>heuristic:7 ");
  CHECK(log()[3].timestamp == at(3));
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "others moved on meanwhile: theirs holds, ours is history with its own time") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  clock.advance(std::chrono::seconds{10});
  ok(host.manager.cascade(failed(2)));
  clock.advance(std::chrono::seconds{10});
  ok(other.manager.cascade(circuit_open(60)));
  clock.advance(std::chrono::seconds{10});
  ok(host.manager.cascade(kHealthy));

  host.come_back();
  const Evaluation back = ok(host.manager.status());
  CHECK(back.after.mode == Mode::heuristic);
  CHECK(back.after.epoch == 1);
  // Whoever relied on them is told, and a gate does not take them for nothing.
  REQUIRE(back.store.doubts.size() == 1);
  CHECK(back.store.doubts[0].find("2 transitions of this host alone do not hold") !=
        std::string::npos);
  CHECK(history() == "primary>safe:- primary>heuristic:1 safe>primary:- ");
  const Transition ours = log()[0];
  CHECK(ours.timestamp == at(10));
  CHECK(ours.trigger == "offline");
  CHECK(ours.host == "db1");
  CHECK_FALSE(ours.legacy());
  CHECK_FALSE(host.spool->pending());
}

TEST_CASE_FIXTURE(OfflineFixture, "a place in the log that is taken is not overwritten") {
  ok(host.manager.cascade(kHealthy));
  ok(other.manager.cascade(kHealthy));
  host.leave();
  other.leave();
  // Two hosts that are cut off decide at the same microsecond.
  clock.advance(std::chrono::seconds{10});
  ok(host.manager.cascade(failed(2)));
  ok(other.manager.cascade(failed(3)));
  clock.advance(std::chrono::seconds{10});
  ok(other.manager.cascade(kHealthy));
  host.come_back();
  other.come_back();
  ok(host.manager.status());
  ok(other.manager.status());
  CHECK(history() == "primary>safe:1 primary>safe:- safe>primary:- ");
  CHECK(log()[1].timestamp == at(10) + Micros{1});
}

TEST_CASE_FIXTURE(OfflineFixture, "a chain whose first place is taken stays a chain") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  clock.advance(std::chrono::seconds{10});
  ok(host.manager.cascade(failed(2)));
  clock.advance(std::chrono::seconds{10});
  ok(host.manager.cascade(kHealthy));
  Batch batch;
  TransitionLog(store, std::chrono::hours{1})
      .append(batch, transition(at(10), Mode::safe, Mode::safe, "a stranger", 0));
  REQUIRE(ok(store.commit(batch)) == Commit::done);
  host.come_back();
  CHECK(ok(host.manager.status()).after.epoch == 2);
  CHECK(history() == "safe>safe:0 primary>safe:1 safe>primary:2 ");
}

TEST_CASE_FIXTURE(OfflineFixture, "what the store knows is needed to recover, not to get worse") {
  ok(host.manager.cascade(failed(2)));
  host.leave();
  HealthState blind;
  blind.complete = false;
  const Evaluation held = ok(host.manager.cascade(blind));
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held.find("recovery waits for the store") != std::string::npos);
  CHECK(ok(host.manager.dry_run(blind)).after.mode == Mode::safe);
  host.come_back();
  ok(host.manager.cascade(kHealthy));
  host.leave();
  HealthState blind_and_bad = failed(2);
  blind_and_bad.complete = false;
  CHECK(ok(host.manager.cascade(blind_and_bad)).after.mode == Mode::safe);
}

TEST_CASE_FIXTURE(OfflineFixture, "good evaluations in a row count through an outage") {
  Host slow(store, clock, folder / "slow", RecoveryOptions{.good_evaluations = 3});
  ok(slow.manager.cascade(failed(2)));
  slow.leave();
  CHECK_FALSE(ok(slow.manager.cascade(kHealthy)).changed());
  CHECK_FALSE(ok(slow.manager.cascade(kHealthy)).changed());
  clock.advance(std::chrono::seconds{1});
  const Evaluation up = ok(slow.manager.cascade(kHealthy));
  CHECK(up.changed());
  CHECK(up.store.spooled == 1);
  slow.come_back();
  ok(slow.manager.status());
  CHECK(history() == "primary>safe:1 safe>primary:2 ");
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "a pin that is set while the store is away holds here, then everywhere") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  ok(host.manager.set_mode("safe", std::nullopt, "the building is on fire"));
  CHECK(ok(host.manager.cascade(kHealthy)).after.mode == Mode::safe);
  SUBCASE("nobody else decided") {
    host.come_back();
    ok(host.manager.status());
    const Evaluation seen = ok(other.manager.cascade(kHealthy));
    CHECK(seen.after.mode == Mode::safe);
    REQUIRE(seen.after.pin);
    CHECK(seen.after.pin->reason == "the building is on fire");
  }
  SUBCASE("taken away again, still away") {
    ok(host.manager.release());
    host.come_back();
    ok(host.manager.status());
    CHECK_FALSE(ok(other.manager.status()).after.pin);
    CHECK(history() == "primary>safe:1 safe>safe:- ");
  }
  SUBCASE("others decided") {
    clock.advance(std::chrono::seconds{1});
    ok(other.manager.cascade(circuit_open(60)));
    host.come_back();
    ok(host.manager.status());
    CHECK_FALSE(ok(other.manager.status()).after.pin);
    CHECK(ok(other.manager.status()).after.mode == Mode::heuristic);
  }
}

TEST_CASE_FIXTURE(OfflineFixture, "a pin alone is brought back, or said to be lost") {
  ok(host.manager.cascade(failed(2)));
  host.leave();
  ok(host.manager.set_mode("safe"));
  SUBCASE("brought back") {
    host.come_back();
    ok(host.manager.status());
    CHECK(ok(other.manager.status()).after.pin);
  }
  SUBCASE("lost") {
    clock.advance(std::chrono::seconds{1});
    ok(other.manager.cascade(kHealthy));
    host.come_back();
    const Evaluation back = ok(host.manager.status());
    // Whoever asks now may count on it.
    REQUIRE(back.store.doubts.size() == 1);
    CHECK(back.store.doubts[0].find("a pin that was changed") != std::string::npos);
    CHECK_FALSE(back.after.pin);
    CHECK(ok(host.manager.status()).store.doubts.empty());
  }
}

TEST_CASE_FIXTURE(OfflineFixture, "that others took an old pin away overtakes nobody") {
  ok(other.manager.set_mode("heuristic", std::chrono::seconds{1}));
  ok(host.manager.status());
  host.leave();
  ok(host.manager.set_mode("safe", std::nullopt, "by hand, in the outage"));
  clock.advance(std::chrono::seconds{2});
  const Evaluation expired = ok(other.manager.cascade(circuit_open(60)));
  CHECK_FALSE(expired.after.pin);
  CHECK(expired.after.mode == Mode::heuristic);
  host.come_back();
  const Evaluation back = ok(host.manager.status());
  CHECK(back.after.mode == Mode::safe);
  CHECK(back.after.pin);
  CHECK(back.store.doubts.empty());
  CHECK(ok(other.manager.status()).after.mode == Mode::safe);
}

TEST_CASE_FIXTURE(OfflineFixture, "an order of others overtakes, also when it has run out by now") {
  ok(other.manager.set_mode("heuristic", std::chrono::seconds{1}, "first"));
  ok(host.manager.status());
  host.leave();
  clock.advance(std::chrono::seconds{2});
  ok(host.manager.set_mode("primary", std::nullopt, "in the outage"));
  ok(other.manager.set_mode("heuristic", std::chrono::seconds{1}, "second"));
  clock.advance(std::chrono::seconds{2});
  host.come_back();
  const Evaluation back = ok(host.manager.status());
  CHECK(back.after.mode == Mode::heuristic);
  CHECK(back.store.doubts.size() == 2);
}

TEST_CASE_FIXTURE(OfflineFixture, "a pin that also changed the mode is said to be lost, too") {
  ok(host.manager.cascade(circuit_open(60)));
  host.leave();
  ok(host.manager.set_mode("safe", std::nullopt, "by hand, in the outage"));
  clock.advance(std::chrono::seconds{1});
  ok(other.manager.cascade(kHealthy));
  host.come_back();
  const Evaluation back = ok(host.manager.status());
  REQUIRE(back.store.doubts.size() == 2);
  CHECK(back.store.doubts[0].find("1 transition of this host alone does not hold") !=
        std::string::npos);
  CHECK(back.store.doubts[1].find("a pin that was changed") != std::string::npos);
}

// Each situation twice over: first as a dry run, then in earnest.
void check_foretold(FallbackManager& manager, const HealthState& health) {
  const auto told = manager.dry_run(health);
  const auto done = manager.cascade(health);
  REQUIRE(told.has_value() == done.has_value());
  if (!told) {
    CHECK(told.error().code == done.error().code);
    return;
  }
  CHECK(told->before.mode == done->before.mode);
  CHECK(told->after.mode == done->after.mode);
  CHECK(told->after.pin == done->after.pin);
  CHECK(told->held == done->held);
  CHECK(told->store.outage.has_value() == done->store.outage.has_value());
  CHECK(told->store.unrecorded == done->store.unrecorded);
  CHECK(told->store.store_lost == done->store.store_lost);
  CHECK(told->store.doubts.empty() == done->store.doubts.empty());
}

void foretell_everywhere(const HealthState& health) {
  ManualClock clock{at(0)};
  storage::MemoryStorage memory(clock);
  const TempFolder own;
  Host here(memory, clock, own / "here");
  Host there(memory, clock, own / "there");
  FallbackManager without_spool(here.storage, {}, clock);
  SUBCASE("in a new store") { check_foretold(here.manager, health); }
  SUBCASE("in an outage, by who has never known the mode") {
    here.leave();
    check_foretold(here.manager, health);
  }
  SUBCASE("in an outage, without a place for decisions") {
    ok(without_spool.cascade(circuit_open(60)));
    here.leave();
    check_foretold(without_spool, health);
  }
  SUBCASE("in an outage") {
    ok(here.manager.cascade(circuit_open(60)));
    here.leave();
    check_foretold(here.manager, health);
  }
  SUBCASE("in a store that has lost its memory") {
    ok(here.manager.cascade(circuit_open(60)));
    REQUIRE(ok(memory.remove(kModeStateKey)));
    check_foretold(here.manager, health);
  }
  SUBCASE("in a store that cannot be read") {
    ok(here.manager.cascade(circuit_open(60)));
    REQUIRE(memory.set(kModeStateKey, "{"));
    check_foretold(here.manager, health);
    check_foretold(without_spool, health);
  }
  SUBCASE("with decisions that wait here") {
    ok(here.manager.cascade(circuit_open(60)));
    here.leave();
    ok(here.manager.cascade(failed(2)));
    here.come_back();
    check_foretold(here.manager, health);
  }
  SUBCASE("with decisions that others have overtaken") {
    ok(here.manager.cascade(circuit_open(60)));
    here.leave();
    ok(here.manager.set_mode("safe"));
    ok(there.manager.cascade(kHealthy));
    here.come_back();
    check_foretold(here.manager, health);
  }
}

TEST_CASE("a dry run says what a run does, in good health") { foretell_everywhere(kHealthy); }

TEST_CASE("a dry run says what a run does, in bad health") { foretell_everywhere(failed(2)); }

TEST_CASE("a dry run says what a run does, in between") { foretell_everywhere(circuit_open(60)); }

TEST_CASE_FIXTURE(OfflineFixture, "status tells of decisions that wait for another store") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  ok(host.manager.cascade(failed(2)));
  FallbackManager moved(
      store,
      {.actor = "ops", .host = "db1", .spool = std::make_shared<Spool>(folder.path(), "new")},
      clock);
  const Evaluation seen = ok(moved.status());
  REQUIRE(seen.store.warnings.size() == 1);
  CHECK(seen.store.warnings[0].find("wait for another store, store;") != std::string::npos);
  host.come_back();
  ok(host.manager.status());
  CHECK(ok(moved.status()).store.warnings.empty());
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "a pin that was brought back by a drain that crashed is not lost") {
  ok(host.manager.cascade(failed(2)));
  host.leave();
  ok(host.manager.set_mode("safe"));
  // As a drain that wrote it and did not come to shortening the spool.
  const std::filesystem::path kept = folder / "kept";
  std::filesystem::path spool;
  for (const auto& each : std::filesystem::directory_iterator(folder.path())) {
    if (each.path().extension() == ".spool") spool = each.path();
  }
  std::filesystem::copy_file(spool, kept);
  host.come_back();
  ok(host.manager.status());
  std::filesystem::copy_file(kept, spool);
  SUBCASE("nobody came between") {}
  SUBCASE("others counted a good evaluation") {
    auto state = ok(decode_mode_state(*ok(store.get(kModeStateKey))));
    state.good_evaluations = 1;
    state.writer = "another";
    ok(store.set(kModeStateKey, encode(state)));
  }
  const Evaluation back = ok(host.manager.status());
  CHECK(back.store.warnings.empty());
  CHECK(back.after.pin);
  CHECK_FALSE(host.spool->pending());
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "a store that can be read and not written is away: no race, no silence") {
  ok(host.manager.cascade(kHealthy));
  host.storage.inject(storage::Fault::failure(), {.operation = Operation::commit});
  const std::size_t before = host.storage.calls(Operation::commit);
  const Evaluation down = ok(host.manager.cascade(failed(2)));
  CHECK(down.after.mode == Mode::safe);
  CHECK(down.store.spooled == 1);
  CHECK(message_of(Result<void>(fail(*down.store.outage))).find("injected failure") !=
        std::string::npos);
  // A few tries, and not a hundred.
  CHECK(host.storage.calls(Operation::commit) <= before + 2);
  CHECK(ok(host.manager.cascade(failed(2))).store.spooled == 1);
  CHECK(host.entered == std::vector{Mode::safe});
  host.come_back();
  CHECK(ok(host.manager.status()).after.epoch == 1);
  CHECK(history() == "primary>safe:1 ");
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "an outage right after a drain: the mode last known is that of the drain") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  ok(host.manager.cascade(failed(2)));
  host.come_back();
  // As 'rz transitions' does, which decides nothing.
  ModeStore modes(store, Millis{1'000'000});
  CHECK(ok(drain_spool(*host.spool, modes, AskHistory::no, at(1))).recorded == 1);
  host.leave();
  CHECK(ok(host.manager.status()).after.mode == Mode::safe);
  CHECK_FALSE(ok(host.manager.cascade(failed(2))).changed());
  CHECK(host.entered == std::vector{Mode::safe});
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "a wrong password, a wrong store or a damaged state is not an outage") {
  ok(host.manager.cascade(kHealthy));
  for (const ErrorCode code : {ErrorCode::auth, ErrorCode::unsupported, ErrorCode::corrupt}) {
    host.storage.inject(storage::Fault::failure(code));
    CHECK(code_of(host.manager.cascade(kHealthy)) == code);
    if (code != ErrorCode::corrupt) CHECK(code_of(host.manager.cascade(failed(2))) == code);
    host.come_back();
  }
  CHECK_FALSE(host.spool->pending());
  // Nobody is kept from getting safer by damage.
  host.storage.inject(storage::Fault::failure(ErrorCode::corrupt));
  CHECK(ok(host.manager.cascade(failed(2))).store.unrecorded);
  CHECK(host.entered == std::vector{Mode::safe});
}

TEST_CASE_FIXTURE(
    OfflineFixture,
    "the store goes with a commit under way: written or not, the record is there once") {
  ok(host.manager.cascade(kHealthy));
  storage::Fault fault = storage::Fault::lost_request(Micros{10});
  SUBCASE("the request was lost") {}
  SUBCASE("the answer was lost") { fault.applied = true; }
  clock.advance(std::chrono::seconds{1});
  host.storage.inject(fault, {.operation = Operation::commit, .first = 1, .count = 1});
  // And nothing after it.
  host.storage.inject(storage::Fault::failure(), {.operation = Operation::get, .first = 2});
  const Evaluation down = ok(host.manager.cascade(failed(2)));
  CHECK(down.after.mode == Mode::safe);
  CHECK(down.store.outage);
  host.come_back();
  clock.advance(std::chrono::seconds{1});
  CHECK(ok(host.manager.cascade(failed(2))).after.epoch == 1);
  CHECK(history() == "primary>safe:1 ");
  CHECK(host.entered == std::vector{Mode::safe});
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "the first commit of all is lost with the store: it was read, so it counts") {
  storage::Fault fault = storage::Fault::lost_request(Micros{10});
  SUBCASE("the request was lost") {}
  SUBCASE("the answer was lost") { fault.applied = true; }
  host.storage.inject(fault, {.operation = Operation::commit, .first = 1, .count = 1});
  host.storage.inject(storage::Fault::failure(), {.operation = Operation::get, .first = 2});
  CHECK(ok(host.manager.cascade(failed(2))).store.spooled == 1);
  host.come_back();
  CHECK(ok(host.manager.status()).after.mode == Mode::safe);
  CHECK(history() == "primary>safe:1 ");
}

// Each call of a drain fails in turn, with the request or the answer lost, and the store stays
// away until the next attempt.
TEST_CASE("a drain that is cut off at any call neither loses nor doubles a record") {
  for (const bool moved_on : {false, true}) {
    for (const bool applied : {false, true}) {
      bool cut = true;
      for (std::size_t call = 1; cut; ++call) {
        CAPTURE(moved_on);
        CAPTURE(applied);
        CAPTURE(call);
        OfflineFixture f;
        ok(f.host.manager.cascade(kHealthy));
        f.host.leave();
        for (int i = 1; i <= 3; ++i) {
          f.clock.advance(std::chrono::seconds{1});
          ok(f.host.manager.cascade(i % 2 == 1 ? failed(i + 1) : kHealthy));
        }
        f.clock.advance(std::chrono::seconds{1});
        if (moved_on) ok(f.other.manager.cascade(circuit_open(60)));
        f.host.come_back();
        storage::Fault fault = storage::Fault::lost_request(Micros{1});
        fault.applied = applied;
        f.host.storage.inject(fault, {.first = call, .count = 1});
        f.host.storage.inject(storage::Fault::failure(), {.first = call + 1});
        const Evaluation seen = ok(f.host.manager.status());
        cut = seen.store.outage.has_value();
        f.host.come_back();
        const Evaluation back = ok(f.host.manager.status());
        for (const auto& warnings : {seen.store.warnings, back.store.warnings}) {
          for (const std::string& warning : warnings) {
            CHECK((warning.find("now recorded") == std::string::npos) == moved_on);
          }
        }
        CHECK(f.history() ==
              (moved_on ? "primary>safe:- safe>primary:- primary>safe:- primary>heuristic:1 "
                        : "primary>safe:1 safe>primary:2 primary>safe:3 "));
        CHECK_FALSE(f.host.spool->pending());
        REQUIRE(call < 100);
      }
    }
  }
}

TEST_CASE_FIXTURE(OfflineFixture, "while one drains, others decide and append") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  ok(host.manager.cascade(failed(2)));
  // Held by a process that waits for an answer of the store.
  auto turn = ok(host.spool->lock_drain());
  clock.advance(std::chrono::seconds{1});
  CHECK(ok(host.manager.cascade(kHealthy)).store.spooled == 2);
  turn.reset();
  host.come_back();
  ok(host.manager.status());
  CHECK(history() == "primary>safe:1 safe>primary:2 ");
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "damage is told of until it is removed, also when the store is back") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  ok(host.manager.cascade(failed(2)));
  for (const auto& each : std::filesystem::directory_iterator(folder.path())) {
    if (each.path().extension() == ".spool") std::ofstream(each.path(), std::ios::app) << "{\n";
  }
  const Evaluation dry = ok(host.manager.dry_run(kHealthy));
  REQUIRE(dry.store.doubts.size() == 1);
  for (int look = 0; look < 2; ++look) {
    const Evaluation seen = ok(host.manager.status());
    CHECK(seen.after.mode == Mode::safe);
    REQUIRE(seen.store.doubts.size() == 1);
    CHECK(seen.store.doubts[0].find("1 line of the spool cannot be read") != std::string::npos);
  }
  host.come_back();
  CHECK(ok(host.manager.status()).store.doubts.size() == 1);
  CHECK(ok(host.manager.cascade(failed(2))).store.doubts.size() == 1);
  for (const auto& each : std::filesystem::directory_iterator(folder.path())) {
    if (each.path().extension() == ".damaged") std::filesystem::remove(each.path());
  }
  CHECK(ok(host.manager.status()).store.doubts.empty());
}

TEST_CASE_FIXTURE(OfflineFixture,
                  "what was known last is an answer without doubt for a time only") {
  ok(host.manager.cascade(kHealthy));
  host.leave();
  clock.advance(std::chrono::hours{1});
  CHECK(ok(host.manager.status()).store.doubts.empty());
  clock.advance(std::chrono::seconds{1});
  CHECK(ok(host.manager.status()).store.doubts.size() == 1);
  CHECK(ok(host.manager.cascade(kHealthy)).store.doubts.size() == 1);
  // When that was is not known where the clock was ahead.
  clock.set_now(at(-60));
  CHECK(ok(host.manager.status()).store.doubts.size() == 1);
}

/// A store whose commits are answered too late, but carried out, in the order in which they are let
/// go.
class LateCommits final : public storage::StorageWrapper {
 public:
  explicit LateCommits(Storage& target) : storage::StorageWrapper(target) {}
  Result<Commit> commit(const Batch& batch) override {
    // The mark of a new history is not a decision.
    if (!late || batch.expectations.empty()) return target().commit(batch);
    held.push_back(batch);
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return fail(ErrorCode::timeout, "no answer");
  }
  Result<std::optional<std::string>> get(std::string_view key) override {
    if (late && !held.empty()) return fail(ErrorCode::timeout, "no answer");
    return target().get(key);
  }
  bool late = false;
  std::function<void()> meanwhile;  ///< What happens between the first commit and its time-out.
  std::vector<Batch> held;
};

// Two processes of one host whose commits both come late: whichever takes effect, each decision is
// in the history once, and each mode that was entered has been called for.
TEST_CASE("attempts whose outcome is unknown stay until the store settles them") {
  for (const char* arrives : {"first", "second", "none", "both, the second one first"}) {
    CAPTURE(std::string(arrives));
    ManualClock clock{at(0)};
    storage::MemoryStorage store{clock};
    const TempFolder folder;
    LateCommits first(store);
    LateCommits second(store);
    int called = 0;
    const auto open = [&](Storage& storage) {
      auto manager = std::make_unique<FallbackManager>(
          storage,
          FallbackManagerOptions{
              .actor = "ops", .host = "db1", .spool = std::make_shared<Spool>(folder.path(), "s")},
          clock);
      manager->register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
        ++called;
        return {};
      });
      return manager;
    };
    ok(open(store)->cascade(kHealthy));
    first.late = second.late = true;
    clock.advance(std::chrono::seconds{1});
    // Both have read the same state before either of them gives up.
    second.meanwhile = [&] { ok(open(first)->set_mode("heuristic", std::nullopt, "by hand")); };
    const Evaluation b = ok(open(second)->cascade(failed(2)));
    CHECK(b.after.mode == Mode::heuristic);  // It is pinned.
    REQUIRE(first.held.size() >= 1);
    REQUIRE(second.held.size() >= 1);
    const std::string what = arrives;
    if (what == "second" || what == "both, the second one first") {
      CHECK(ok(store.commit(second.held[0])) == Commit::done);
    }
    if (what == "first" || what == "both, the second one first") {
      CHECK(ok(store.commit(first.held[0])) == (what == "first" ? Commit::done : Commit::refused));
    }
    clock.advance(std::chrono::seconds{1});
    const Evaluation back = ok(open(store)->status());
    std::map<std::string, int> reasons;
    for (const Transition& record : ok(TransitionLog(store, std::chrono::hours{1}).list({}))) {
      ++reasons[record.reason];
    }
    CHECK(reasons["by hand"] == 1);
    if (what == "first" || what == "none") {
      CHECK(back.after.mode == Mode::heuristic);
      CHECK(reasons.size() == 1);
      CHECK(called == 0);
    } else {
      CHECK(back.after.mode == Mode::safe);
      CHECK(reasons["multiple_failures(2)"] == 1);
      CHECK(called == 1);
    }
    // What was written late cannot come again.
    for (const Batch& batch : first.held) CHECK(ok(store.commit(batch)) != Commit::done);
    for (const Batch& batch : second.held) CHECK(ok(store.commit(batch)) != Commit::done);
    CHECK(ok(open(store)->status()).after.epoch == back.after.epoch);
  }
}

TEST_CASE("24 processes in an outage: one transition, one callback") {
  const TempFolder folder;
  const std::string notes = folder / "notes";
  const auto open = [&] { return test::open_patiently(folder / "rz.db"); };
  {
    const auto store = ok(open());
    Host host(*store, SystemClock::instance(), folder / "spool");
    ok(host.manager.cascade(kHealthy));
  }
  CHECK(storage::race_processes(24, [&](int) {
          const auto store = open();
          if (!store) return 1;
          Host host(**store, SystemClock::instance(), folder / "spool");
          host.leave();
          const auto outcome = host.manager.cascade(failed(2));
          if (!outcome || outcome->after.mode != Mode::safe || outcome->store.spooled != 1)
            return 2;
          return outcome->changed() == (host.entered.size() == 1) ? (outcome->changed() ? 3 : 0)
                                                                  : 4;
        }) == 23);
  // And all of them are there when it is back.
  CHECK(storage::race_processes(8, [&](int) {
          const auto store = open();
          if (!store) return 1;
          Host host(**store, SystemClock::instance(), folder / "spool");
          const auto outcome = host.manager.cascade(failed(2));
          return outcome && !outcome->changed() && !outcome->store.outage &&
                         outcome->after.epoch == 1
                     ? 0
                     : 2;
        }) == 8);
  const auto store = ok(open());
  CHECK(ok(TransitionLog(*store, std::chrono::hours{1}).list({})).size() == 1);
}

// Processes decide, each with a store that comes and goes at its own moments, and some are killed.
// Whoever was told of a transition has named it; each that was named is in the log exactly once.
TEST_CASE("outages and kill -9 at any moment: what was acknowledged is in the log exactly once") {
  const TempFolder folder;
  const auto open = [&] { return test::open_patiently(folder / "rz.db"); };
  {
    const auto store = ok(open());
    Host host(*store, SystemClock::instance(), folder / "spool");
    ok(host.manager.cascade(kHealthy));
  }
  const auto decide = [&](int child, unsigned seed) {
    std::mt19937 random(seed);
    const auto store = open();
    if (!store) return 1;
    Host host(**store, SystemClock::instance(), folder / "spool");
    // How many of them change the mode depends on who comes first.
    int noted = 0;
    for (int i = 0; i < 25 || (noted < 4 && i < 900); ++i) {
      host.come_back();
      storage::Fault fault = storage::Fault::failure();
      fault.error->code = ErrorCode::timeout;
      fault.applied = random() % 2 == 0;
      // The call at which it goes away; none of the first ten: it stays.
      host.storage.inject(fault, {.first = 1 + random() % 20, .count = 1 + random() % 40});
      const bool good = random() % 3 == 0;
      const int unique = 2 + child * 1000 + i;
      const auto outcome = host.manager.cascade(good ? kHealthy : failed(unique));
      if (!outcome) return 2;
      // Where a slow machine held the spool for too long, it was said that nothing could be kept.
      if (!outcome->changed() || good || outcome->store.unrecorded) continue;
      // One write, so that a kill cannot tear it.
      const UniqueFd notes(::open((folder / "notes").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600));
      const std::string line = "multiple_failures(" + std::to_string(unique) + ")\n";
      if (::write(notes.get(), line.data(), line.size()) < 0) return 3;
      ++noted;
    }
    return 0;
  };
  std::mt19937 random(7);
  {
    std::vector<storage::ChildProcess> children;
    for (int child = 0; child < 6; ++child) {
      const unsigned seed = random();
      children.emplace_back([&decide, child, seed] { return decide(child, seed); });
    }
    // Half of them do not see the end.
    for (std::size_t child = 0; child < 3; ++child) {
      ::usleep(static_cast<useconds_t>(random() % 20'000));
      children[child].kill();
    }
    for (std::size_t child = 0; child < children.size(); ++child) {
      const int ended = children[child].wait();
      CHECK_MESSAGE((ended == 0 || (child < 3 && ended == 128 + SIGKILL)), ended);
    }
  }

  const auto store = ok(open());
  Host host(*store, SystemClock::instance(), folder / "spool");
  ok(host.manager.status());
  CHECK_FALSE(host.spool->pending());
  std::map<std::string, int> found;
  std::int64_t epoch = 0;
  for (const Transition& record : ok(TransitionLog(*store, std::chrono::hours{1}).list({}))) {
    ++found[record.reason];
    if (record.epoch) CHECK(*record.epoch == ++epoch);
  }
  CHECK(ok(host.manager.status()).after.epoch == epoch);
  std::ifstream notes(folder / "notes");
  int acknowledged = 0;
  for (std::string reason; std::getline(notes, reason); ++acknowledged) {
    CHECK_MESSAGE(found[reason] == 1, reason);
  }
  CHECK(acknowledged > 10);
  for (const auto& each : found) {
    if (each.first.starts_with("multiple_failures")) CHECK_MESSAGE(each.second == 1, each.first);
  }
}

}  // namespace
}  // namespace rz::fallback
