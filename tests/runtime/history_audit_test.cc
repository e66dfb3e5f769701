#include "rz/runtime/history_audit.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/timestamp.h"
#include "rz/health/started_at.h"
#include "rz/runtime/history.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"
#include "world.h"

namespace rz::runtime {
namespace {

using fallback::at;
using history::KnownMode;
using history::TimeKind;
using std::chrono::seconds;
using testing::World;

/// A store that a test fills by hand.
struct HistoryAuditFixture {
  ManualClock clock{at(1000)};
  storage::MemoryStorage storage{clock};
  fallback::ModeStore store{storage, std::chrono::hours{24 * 90}};

  void add(const Transition& record) {
    Batch batch;
    store.log().append(batch, record);
    REQUIRE(ok(storage.commit(batch)) == Commit::done);
  }

  void add(std::int64_t time, Mode from, Mode to, std::int64_t epoch) {
    add(fallback::transition(at(time), from, to, "r", epoch));
  }

  void start(std::int64_t time) {
    REQUIRE(storage.set(health::kStartedKey, format_timestamp(at(time))).has_value());
  }

  std::optional<KnownMode> known_at(std::int64_t time) {
    return ok(mode_known_at(store, at(time)));
  }
};

history::AuditQuestion last_of(Clock& clock, Micros length) {
  history::AuditQuestion asked;
  asked.window = {clock.now() - length, clock.now()};
  asked.flap_window = seconds{1};
  return asked;
}

void never_unreadable(const std::string& key, const Error&) { FAIL("unreadable: " << key); }

}  // namespace

TEST_CASE_FIXTURE(HistoryAuditFixture, "of a store that nobody ever evaluated nothing is known") {
  CHECK(!known_at(0).has_value());
}

TEST_CASE_FIXTURE(HistoryAuditFixture,
                  "without a transition the mode is primary since the first evaluation") {
  start(100);
  const auto known = known_at(0);
  REQUIRE(known.has_value());
  CHECK(known->time == at(100));
  CHECK(known->mode == Mode::primary);
}

TEST_CASE_FIXTURE(HistoryAuditFixture,
                  "before the first transition ever, what it left was the mode since the first "
                  "evaluation") {
  start(100);
  add(500, Mode::primary, Mode::safe, 1);
  const auto known = known_at(0);
  REQUIRE(known.has_value());
  CHECK(known->time == at(100));
  CHECK(known->mode == Mode::primary);
  CHECK(known->epoch == 0);
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "a first evaluation is not later than the first record") {
  start(600);
  add(500, Mode::primary, Mode::safe, 1);
  CHECK(known_at(0)->time == at(500));
}

TEST_CASE_FIXTURE(HistoryAuditFixture,
                  "before the oldest record that is left, which is not the first, nothing is "
                  "known") {
  start(100);
  add(500, Mode::primary, Mode::safe, 3);
  CHECK(!known_at(0).has_value());
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "the last record before tells the mode and the epoch") {
  add(200, Mode::primary, Mode::safe, 3);
  Transition pin = fallback::transition(at(300), Mode::safe, Mode::safe, "by hand", 0);
  pin.epoch.reset();
  pin.trigger = trigger::kPin;
  add(pin);
  Transition alone = fallback::transition(at(400), Mode::safe, Mode::primary, "alone", 0);
  alone.epoch.reset();
  alone.trigger = trigger::kOffline;
  add(alone);
  const auto known = known_at(450);
  REQUIRE(known.has_value());
  CHECK(known->time == at(300));
  CHECK(known->mode == Mode::safe);
  CHECK(known->epoch == 3);
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "what led to the mode is known since primary was left") {
  add(100, Mode::safe, Mode::primary, 2);
  add(200, Mode::primary, Mode::heuristic, 3);
  add(300, Mode::heuristic, Mode::safe, 4);
  const auto epochs = [&](std::int64_t time) {
    const auto known = known_at(time);
    std::vector<std::int64_t> found;
    for (const Transition& record : known->records) found.push_back(*record.epoch);
    return found;
  };
  CHECK(epochs(400) == std::vector<std::int64_t>{3, 4});
  CHECK(epochs(250) == std::vector<std::int64_t>{3});
  CHECK(epochs(150) == std::vector<std::int64_t>{2});
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "what is missing is not looked for in an earlier episode") {
  add(100, Mode::primary, Mode::safe, 1);
  add(200, Mode::safe, Mode::primary, 2);
  add(300, Mode::heuristic, Mode::safe, 4);
  const auto known = known_at(400);
  REQUIRE(known->records.size() == 1);
  CHECK(known->records[0].epoch == 4);
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "a record at that time is not before it") {
  add(200, Mode::safe, Mode::primary, 3);
  CHECK(!known_at(200).has_value());
  CHECK(known_at(201).has_value());
}

TEST_CASE_FIXTURE(HistoryAuditFixture, "of a history that was removed the state still tells") {
  fallback::ModeState state;
  state.mode = Mode::heuristic;
  state.epoch = 7;
  state.since = at(600);
  REQUIRE(storage.set(fallback::kModeStateKey, fallback::encode(state)).has_value());
  const auto known = known_at(0);
  REQUIRE(known.has_value());
  CHECK(known->time == at(600));
  CHECK(known->mode == Mode::heuristic);
  CHECK(known->epoch == 7);
}

TEST_CASE("what a manager has decided is what the audit finds") {
  ManualClock clock;
  World world("", "memory:", clock);
  REQUIRE(world.runtime.observe().has_value());
  clock.advance(seconds{100});
  REQUIRE((*world.runtime.manager())->set_mode("safe").has_value());
  clock.advance(seconds{20});
  REQUIRE((*world.runtime.manager())->release().has_value());
  clock.advance(seconds{10});
  REQUIRE((*world.runtime.manager())->set_mode("primary").has_value());
  clock.advance(seconds{70});
  const auto found =
      ok(audit_history(world.runtime, last_of(clock, seconds{300}), clock.now(), never_unreadable));
  CHECK(found.whole);
  CHECK(found.audit.informed);
  CHECK(found.audit.time.of(TimeKind::unknown) == seconds{100});
  CHECK(found.audit.time.of(TimeKind::primary) == seconds{170});
  CHECK(found.audit.time.of(TimeKind::safe) == seconds{30});
  CHECK(found.audit.transitions.total == 2);
  CHECK(found.audit.recovery.mean == seconds{30});
}

TEST_CASE("a record that cannot be read is told, and counted") {
  ManualClock clock;
  World world("", "memory:", clock);
  REQUIRE((*world.runtime.manager())->set_mode("safe").has_value());
  Storage& storage = **world.runtime.storage();
  Batch batch;
  batch.append(std::string(kTransitionLog), clock.now() + seconds{1}, "{", std::nullopt);
  REQUIRE(ok(storage.commit(batch)) == Commit::done);
  clock.advance(seconds{10});
  std::vector<std::string> told;
  const auto found =
      ok(audit_history(world.runtime, last_of(clock, seconds{20}), clock.now(),
                       [&](const std::string& key, const Error&) { told.push_back(key); }));
  CHECK(found.unreadable == 1);
  CHECK(told.size() == 1);
}

TEST_CASE("a record of a time that has not come yet is told") {
  ManualClock clock;
  World world("", "memory:", clock);
  REQUIRE((*world.runtime.manager())->set_mode("safe").has_value());
  const TimePoint now = clock.now() - seconds{10};
  history::AuditQuestion asked;
  asked.window = {now - seconds{10}, now};
  CHECK(ok(audit_history(world.runtime, asked, now, never_unreadable)).ahead);
  CHECK(!ok(audit_history(world.runtime, asked, clock.now(), never_unreadable)).ahead);
}

TEST_CASE("the store's clock counts where this host's differs") {
  ManualClock clock;
  World world("", "memory:", clock);
  CHECK(ok(time_of_history(world.runtime)) == clock.now());
  CHECK(world.warnings().empty());
}

}  // namespace rz::runtime
