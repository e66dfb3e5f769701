#include "rz/storage/bounded_storage.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "storage/sqlite/raw_sqlite.h"
#include "storage/storage_calls.h"
#include "support/fake_redis.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

using namespace std::chrono_literals;

struct BoundedStorageFixture {
  ManualClock clock;
  MemoryStorage memory{clock};
  FaultyStorage store{memory, clock};
};

TEST_CASE_FIXTURE(BoundedStorageFixture, "a store that answers is asked each time") {
  BoundedStorage bounded(store, clock, 10s);
  CHECK(errors_of_all_calls(bounded).empty());
  CHECK(store.calls() == kAllCalls);
  CHECK(bounded.outage() == std::nullopt);
  CHECK(bounded.time_left() == 10s);
}

TEST_CASE_FIXTURE(BoundedStorageFixture, "once found away, it is not asked again in that run") {
  store.inject(Fault::lost_request(4s));
  BoundedStorage bounded(store, clock, 10s);
  CHECK(error_of(bounded.get("key")).code == ErrorCode::timeout);
  CHECK(bounded.time_left() == 6s);
  store.heal();
  const auto errors = errors_of_all_calls(bounded);
  CHECK(errors.size() == kAllCalls);
  for (const Error& error : errors) {
    // Nothing was asked, so the outcome is known.
    CHECK(error == Error{ErrorCode::unavailable, "injected timeout", "faulty store"});
  }
  CHECK(store.calls() == 1);
  CHECK(bounded.outage()->code == ErrorCode::timeout);
  CHECK(ok(BoundedStorage(store, clock, 10s).get("key")) == std::nullopt);
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "what has a timeout of its own uses up no time of the run") {
  BoundedStorage bounded(store, clock, 10s);
  clock.advance(30s);
  CHECK(code_of(bounded.get("key")) == ErrorCode::unavailable);
  bounded.extend(25s);
  CHECK(bounded.time_left() == 5s);
  CHECK(ok(bounded.get("key")) == std::nullopt);
  BoundedStorage endless(store, clock, std::nullopt);
  endless.extend(25s);
  CHECK(endless.time_left() == std::nullopt);
}

TEST_CASE_FIXTURE(BoundedStorageFixture, "what asks for several things at once is bounded, too") {
  BoundedStorage bounded(store, clock, 10s);
  CHECK(bounded.probe().has_value());
  CHECK(bounded.read_together({{"k"}, {"c:"}}).has_value());
  bounded.note_outage({ErrorCode::timeout, "gone", "store"});
  CHECK(code_of(bounded.probe()) == ErrorCode::unavailable);
  CHECK(code_of(bounded.read_together({{"k"}, {"c:"}})) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(BoundedStorageFixture, "what is not an outage does not end the asking") {
  store.inject(Fault::failure(ErrorCode::auth), {.count = 1});
  BoundedStorage bounded(store, clock, 10s);
  CHECK(code_of(bounded.get("key")) == ErrorCode::auth);
  CHECK(bounded.get("key").has_value());
}

TEST_CASE_FIXTURE(BoundedStorageFixture, "when the run's time is over, the store is not asked") {
  BoundedStorage bounded(store, clock, 10s);
  clock.advance(10s);
  CHECK(error_of(bounded.commit({})) == Error{ErrorCode::unavailable,
                                              "not asked, since the deadline of this run (10s) has "
                                              "passed",
                                              memory.description()});
  CHECK(store.calls() == 0);
  CHECK(bounded.time_left() == 0s);
  BoundedStorage endless(store, clock, std::nullopt);
  CHECK(endless.health_check());
  CHECK(endless.time_left() == std::nullopt);
  BoundedStorage long_one(store, clock, Millis::max());
  CHECK(long_one.health_check());
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "it counts how long the store was asked, whatever came of it") {
  BoundedStorage bounded(store, clock, std::nullopt);
  CHECK(bounded.time_asking() == 0s);
  store.inject(Fault::late(3s), {.count = 1});
  CHECK(bounded.get("key").has_value());
  clock.advance(5s);
  CHECK(bounded.time_asking() == 3s);
  store.inject(Fault::lost_request(4s), {.count = 1});
  CHECK(!bounded.commit({}).has_value());
  CHECK(bounded.time_asking() == 7s);
  store.inject(Fault::lost_request(1s), {.count = 1});
  CHECK(!bounded.get("key").has_value());
  CHECK(!bounded.get("key").has_value());  // Not asked.
  CHECK(bounded.time_asking() == 8s);
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "what used up the time of the run is the reason, not the deadline") {
  store.inject(Fault::lost_request(10s), {.operation = FaultyStorage::Operation::commit});
  BoundedStorage bounded(store, clock, 10s);
  CHECK(!bounded.commit({}).has_value());
  CHECK(error_of(bounded.get("key")) ==
        Error{ErrorCode::unavailable, "injected timeout", "faulty store"});
  // With time left, only a read shows whether the store is away.
  BoundedStorage longer(store, clock, 11s);
  CHECK(!longer.commit({}).has_value());
  CHECK(longer.get("key").has_value());
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "a store that cannot be written to until the time is up is the reason") {
  store.inject(Fault::lost_request(10s), {.operation = FaultyStorage::Operation::set});
  BoundedStorage bounded(store, clock, 10s);
  const auto probe = ok(bounded.probe());
  REQUIRE(probe.write_error.has_value());
  CHECK(error_of(bounded.get("key")).message == "injected timeout");
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "an outage that does not know its place gets that of the store") {
  BoundedStorage bounded(store, clock, 10s);
  bounded.note_outage({ErrorCode::timeout, "no answer within 5s", {}});
  CHECK(bounded.outage()->where == memory.description());
}

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "a run that goes on names the time that it was given in all") {
  const RunDeadline run = RunDeadline::from_now(clock, 10s);
  clock.advance(9s);
  BoundedStorage bounded(store, clock, run);
  CHECK(bounded.time_left() == 1s);
  clock.advance(1s);
  CHECK(error_of(bounded.get("key")).message ==
        "not asked, since the deadline of this run (10s) has passed");
}

/// Keeps what it is bounded by.
class Ended final : public StorageWrapper {
 public:
  explicit Ended(Storage& target) : StorageWrapper(target) {}
  void set_end(std::optional<std::chrono::nanoseconds> new_end) override { end = new_end; }

  std::optional<std::chrono::nanoseconds> end;
};

TEST_CASE_FIXTURE(BoundedStorageFixture,
                  "the store learns of the end of the run, and is freed from it") {
  Ended target(store);
  {
    const BoundedStorage bounded(target, clock, 10s);
    CHECK(target.end == clock.monotonic() + 10s);
  }
  CHECK(target.end == std::nullopt);
}

// Their own bounds are an hour: were the run's not heeded, these would not end.
constexpr Millis kOwn{std::chrono::hours{1}};

TEST_CASE("a Redis that hangs costs a run its time once, whatever its own time-outs are") {
  const auto silent =
      test::ok_to_greeting([](const std::vector<std::string>&) { return test::FakeReply{}; });
  // On a slow machine the greeting alone may take a run's time, and the server may read what it is
  // asked after the run has ended.
  std::size_t asked = 0;
  for (Millis limit{200}; asked == 0; limit *= 2) {
    const test::FakeRedis server(silent);
    const auto store = ok(open_storage({.url = server.url(), .timeout = kOwn, .deadline = kOwn}));
    BoundedStorage bounded(*store, SystemClock::instance(), limit);
    CHECK(code_of(bounded.get("key")) == ErrorCode::timeout);
    CHECK(errors_of_all_calls(bounded).size() == kAllCalls);
    asked = server.commands().size();
  }
  CHECK(asked == 1);
}

TEST_CASE("an SQLite file that cannot be opened yet is waited for as long as opening may take") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  StorageOptions options{.url = "sqlite:" + path, .timeout = kOwn, .deadline = kOwn};
  ok(open_storage(options));
  RawSqlite other(path);
  // Out of WAL mode one process keeps all others out.
  other.query("PRAGMA journal_mode = DELETE");
  other.query("BEGIN EXCLUSIVE");
  options.open_within = 100ms;
  CHECK(code_of(open_storage(options)) == ErrorCode::unavailable);
  other.query("COMMIT");
  options.open_within = kOwn;
  const auto store = ok(open_storage(options));
  CHECK(store->set("key", "1"));
}

TEST_CASE("a locked SQLite file is waited for until the run's end") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  const auto store = ok(open_storage({.url = "sqlite:" + path, .timeout = kOwn, .deadline = kOwn}));
  RawSqlite other(path);
  other.query("BEGIN IMMEDIATE");
  {
    BoundedStorage bounded(*store, SystemClock::instance(), 200ms);
    CHECK(code_of(bounded.set("key", "1")) == ErrorCode::unavailable);
    CHECK(code_of(bounded.get("key")) == ErrorCode::unavailable);  // Not asked.
  }
  other.query("COMMIT");
  CHECK(store->set("key", "2"));
}

}  // namespace
}  // namespace rz::storage
