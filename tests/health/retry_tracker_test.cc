#include "rz/health/retry_tracker.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/sqlite_storage.h"
#include "storage/child_process.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Fixture {
  ManualClock clock{TimePoint{hours{500'000}}};  // The beginning of a bucket.
  MemoryStorage storage{clock};
  RetryTracker tracker{storage, clock};

  void fail(int times) {
    for (int i = 0; i < times; ++i) REQUIRE(tracker.record_failure());
  }
  std::int64_t failures() { return ok(tracker.state()).failures_1h; }
};

TEST_CASE_FIXTURE(Fixture, "nothing was recorded: stable") {
  const auto retry = ok(tracker.state());
  CHECK(retry.state == "STABLE");
  CHECK(retry.failures_1h == 0);
  CHECK(retry.failure_rate == 0);
  CHECK(retry.total_attempts == 0);
}

TEST_CASE_FIXTURE(Fixture, "elevated from 5 failures, critical from 20") {
  const auto state_after = [&](int more) {
    fail(more);
    return ok(tracker.state()).state;
  };
  CHECK(state_after(4) == "STABLE");
  CHECK(state_after(1) == "ELEVATED");
  CHECK(state_after(14) == "ELEVATED");
  CHECK(state_after(1) == "CRITICAL");
}

TEST_CASE_FIXTURE(Fixture, "the rate is failures a second; successes are attempts only") {
  fail(36);
  REQUIRE(tracker.record_success());
  const auto retry = ok(tracker.state());
  CHECK(retry.failures_1h == 36);
  CHECK(retry.failure_rate == doctest::Approx(0.01));
  CHECK(retry.total_attempts == 37);
}

TEST_CASE_FIXTURE(Fixture, "a failure counts for the window less a bucket at least") {
  fail(1);
  clock.advance(hours{1} - Millis{1});
  CHECK(failures() == 1);
  clock.advance(Millis{1});
  CHECK(failures() == 0);
  // At the end of its bucket it counts for one minute less: the promised precision.
  clock.advance(seconds{59});
  fail(1);
  clock.advance(minutes{59});
  CHECK(failures() == 1);
  clock.advance(seconds{1});
  CHECK(failures() == 0);
  CHECK(ok(tracker.state()).total_attempts == 2);
}

TEST_CASE_FIXTURE(Fixture, "failures leave the window one after the other") {
  for (int i = 0; i < 60; ++i) {
    fail(1);
    clock.advance(minutes{1});
  }
  CHECK(failures() == 59);
  clock.advance(minutes{30});
  CHECK(failures() == 29);
}

TEST_CASE_FIXTURE(Fixture, "the buckets free themselves") {
  fail(3);
  clock.advance(hours{2});
  CHECK(ok(scan_all_keys(storage, "health:retry:3600:*")).empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "windows of other lengths count for themselves; none is below a minute") {
  fail(2);
  RetryTracker day(storage, clock, hours{24});
  CHECK(ok(day.state()).failures_1h == 0);
  RetryTracker tiny(storage, clock, Millis{1});
  REQUIRE(tiny.record_failure());
  clock.advance(seconds{59});
  CHECK(ok(tiny.state()).failures_1h == 1);
  clock.advance(seconds{1});
  CHECK(ok(tiny.state()).failures_1h == 0);
}

TEST_CASE_FIXTURE(Fixture, "a corrupt counter is an error with its key and the way out") {
  for (const char* bytes : {"many", "-1", "1.5"}) {
    CAPTURE(bytes);
    REQUIRE(storage.set("health:retry:total", bytes));
    const auto state = tracker.state();
    REQUIRE_FALSE(state);
    CHECK(state.error() == Error{ErrorCode::corrupt,
                                 "the stored counter is no count; remove the key to start anew",
                                 "health:retry:total"});
  }
}

TEST_CASE_FIXTURE(Fixture, "an outage is the store's error") {
  FaultyStorage faulty(storage, clock);
  RetryTracker remote(faulty, clock);
  faulty.inject(Fault::failure());
  CHECK(code_of(remote.record_failure()) == ErrorCode::unavailable);
  CHECK(code_of(remote.record_success()) == ErrorCode::unavailable);
  CHECK(code_of(remote.state()) == ErrorCode::unavailable);
  faulty.heal();
  CHECK(ok(remote.state()).total_attempts == 0);
}

TEST_CASE_FIXTURE(Fixture, "a report is two calls and the window is read in one, however full") {
  FaultyStorage counted(storage, clock);
  RetryTracker remote(counted, clock);
  for (int i = 0; i < 100; ++i) REQUIRE(remote.record_failure());
  CHECK(counted.calls() == 200);
  CHECK(ok(remote.state()).failures_1h == 100);
  CHECK(counted.calls() == 201);
}

TEST_CASE_FIXTURE(Fixture, "threads lose no failure") {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) static_cast<void>(tracker.record_failure());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures() == 1600);
}

TEST_CASE("processes on one file lose no failure") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  ManualClock clock;
  CHECK(race_processes(8, [&](int) {
          const auto storage = open_sqlite_storage(path);
          if (!storage) return 1;
          RetryTracker mine(**storage, clock);
          for (int n = 0; n < 10; ++n) {
            if (!mine.record_failure()) return 1;
          }
          return 0;
        }) == 8);
  const auto storage = ok(open_sqlite_storage(path));
  const auto retry = ok(RetryTracker(*storage, clock).state());
  CHECK(retry.failures_1h == 80);
  CHECK(retry.total_attempts == 80);
}

}  // namespace
}  // namespace rz
