#include "rz/health/retry_tracker.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"
#include "storage/child_process.h"
#include "support/patient_store.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct RetryTrackerFixture {
  ManualClock clock{TimePoint{hours{500'000}}};  // The beginning of a bucket.
  storage::MemoryStorage storage{clock};
  RetryTracker tracker{storage, clock};

  void fail(int times) {
    for (int i = 0; i < times; ++i) REQUIRE(tracker.record_failure());
  }
  std::int64_t failures() { return ok(tracker.state()).failures_1h; }
};

TEST_CASE_FIXTURE(RetryTrackerFixture, "nothing was recorded: stable") {
  const auto retry = ok(tracker.state());
  CHECK(retry.state == "STABLE");
  CHECK(retry.failures_1h == 0);
  CHECK(retry.failure_rate == 0);
  CHECK(retry.total_attempts == 0);
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "elevated from 5 failures, critical from 20") {
  const auto state_after = [&](int more) {
    fail(more);
    return ok(tracker.state()).state;
  };
  CHECK(state_after(4) == "STABLE");
  CHECK(state_after(1) == "ELEVATED");
  CHECK(state_after(14) == "ELEVATED");
  CHECK(state_after(1) == "CRITICAL");
}

TEST_CASE_FIXTURE(RetryTrackerFixture,
                  "the rate is failures a second; successes are attempts only") {
  fail(36);
  REQUIRE(tracker.record_success());
  const auto retry = ok(tracker.state());
  CHECK(retry.failures_1h == 36);
  CHECK(retry.failure_rate == doctest::Approx(0.01));
  CHECK(retry.total_attempts == 37);
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "a failure counts for the window, to the second") {
  fail(1);
  clock.advance(hours{1} - Millis{1});
  CHECK(failures() == 1);
  clock.advance(Millis{1});
  CHECK(failures() == 0);
  // Wherever in its minute and hour it falls.
  for (const int offset : {1, 50, 59, 60, 61, 1800, 3599}) {
    CAPTURE(offset);
    clock.set_now(TimePoint{hours{500'100}} + seconds{offset});
    fail(1);
    clock.advance(hours{1} - seconds{1});
    CHECK(failures() == 1);
    clock.advance(seconds{1});
    CHECK(failures() == 0);
    clock.advance(hours{24});
  }
  CHECK(ok(tracker.state()).total_attempts == 8);
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "failures leave the window one after the other") {
  for (int i = 0; i < 60; ++i) {
    fail(1);
    clock.advance(minutes{1});
  }
  CHECK(failures() == 59);
  clock.advance(minutes{30});
  CHECK(failures() == 29);
}

TEST_CASE("a window counts what a list of all failures would") {
  CHECK(rc::check([] {
    ManualClock clock{TimePoint{hours{500'000}}};
    storage::MemoryStorage storage{clock};
    RetryTracker tracker{storage, clock};
    std::vector<std::int64_t> recorded;
    const auto second = [&] { return clock.now().time_since_epoch() / seconds{1}; };
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5000));
    for (const int step : steps) {
      clock.advance(seconds{step % 7 == 0 ? step : step % 7});
      RC_ASSERT(tracker.record_failure().has_value());
      recorded.push_back(second());
    }
    const auto window = *rc::gen::element<std::int64_t>(1, 2, 59, 60, 61, 3599, 3600, 3601, 90'000);
    clock.advance(seconds{*rc::gen::inRange(0, 4000)});
    const auto expected = std::count_if(recorded.begin(), recorded.end(),
                                        [&](std::int64_t at) { return at > second() - window; });
    const auto state = RetryTracker(storage, clock, seconds{window}).state();
    RC_ASSERT(state.has_value());
    RC_ASSERT(state->failures_1h == expected);
  }));
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "the counts free themselves when no window can reach them") {
  fail(3);
  clock.advance(kLongestRetryWindow);
  CHECK(ok(scan_all_keys(storage, "health:retry:minute:*")).size() == 1);
  clock.advance(hours{24});
  CHECK(ok(scan_all_keys(storage, "health:retry:minute:*")).empty());
  CHECK(ok(scan_all_keys(storage, "health:retry:hour:*")).empty());
}

TEST_CASE_FIXTURE(RetryTrackerFixture,
                  "what is recorded under one window is seen under any other") {
  for (const Millis recorded :
       {Millis{1'000}, Millis{59'000}, Millis{3'600'000}, kLongestRetryWindow}) {
    RetryTracker writer(storage, clock, recorded);
    REQUIRE(writer.record_failure());
    for (const Millis read : {Millis{1'000}, Millis{7'200'000}, kLongestRetryWindow}) {
      CHECK(ok(RetryTracker(storage, clock, read).state()).failures_1h == 1);
    }
    clock.advance(kLongestRetryWindow);
  }
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "windows of some seconds are honoured") {
  RetryTracker ten(storage, clock, seconds{10});
  REQUIRE(ten.record_failure());
  clock.advance(seconds{9});
  CHECK(ok(ten.state()).failures_1h == 1);
  CHECK(ok(ten.state()).failure_rate == doctest::Approx(0.1));
  clock.advance(seconds{1});
  CHECK(ok(ten.state()).failures_1h == 0);
}

TEST_CASE_FIXTURE(RetryTrackerFixture,
                  "failures from the future count as of when they are first seen") {
  for (const auto ahead : {hours{3}, hours{24 * 365}}) {
    clock.advance(ahead);
    fail(3);
    clock.advance(seconds{90});
    fail(2);
    clock.set_now(clock.now() - ahead - seconds{90});
    fail(1);
    CHECK(failures() == 6);
    // It is noted: they leave the window an hour from now, and do not come again.
    clock.advance(hours{1} - seconds{1});
    CHECK(failures() == 6);
    clock.advance(seconds{1});
    CHECK(failures() == 0);
    clock.set_now(clock.now() + ahead);
    CHECK(failures() == 0);
    fail(1);
    CHECK(failures() == 1);
    clock.advance(hours{2});
  }
  CHECK(ok(tracker.state()).total_attempts == 14);
}

TEST_CASE("a reader whose clock is behind takes no failure from the others") {
  for (const auto behind : {Millis{minutes{10}}, Millis{hours{2}}, Millis{hours{24 * 365 * 50}}}) {
    CAPTURE(behind.count());
    RetryTrackerFixture store;
    ManualClock& clock = store.clock;
    store.fail(60);
    const TimePoint right = clock.now();
    clock.set_now(right - behind);
    CHECK(store.failures() == 60);
    clock.set_now(right + seconds{1});
    CHECK(store.failures() == 60);
    // It looks again, until they have counted for the window: then they have for everybody.
    clock.set_now(right + hours{1} - seconds{1} - behind);
    CHECK(store.failures() == 60);
    clock.set_now(right + hours{1} - seconds{1});
    CHECK(store.failures() == 60);
    clock.set_now(right + hours{1} - behind);
    store.failures();
    clock.set_now(right + hours{1});
    CHECK(store.failures() == 0);
  }
}

TEST_CASE_FIXTURE(RetryTrackerFixture,
                  "a corrupt counter is an error with its key and the way out") {
  for (const char* bytes : {"many", "-1", "1.5"}) {
    CAPTURE(bytes);
    REQUIRE(storage.set("health:retry:total", bytes));
    const auto state = tracker.state();
    REQUIRE_FALSE(state);
    CHECK(state.error() == Error{ErrorCode::corrupt,
                                 "the stored counter is not a number; remove the key to start anew",
                                 "health:retry:total"});
  }
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "so is one of each other key, also for who records") {
  const std::string minute = "health:retry:minute:30000000";
  for (const auto& damaged : {std::pair<std::string, const char*>{minute, "1:2 x"},
                              {minute, "60:1"},
                              {minute, "1:-1"},
                              {"health:retry:hour:500000", "many"},
                              {"health:retry:failures", "7"},
                              {"health:retry:failures", "7 x"}}) {
    CAPTURE(damaged.first);
    CAPTURE(damaged.second);
    REQUIRE(storage.set(damaged.first, damaged.second));
    RetryTracker second(storage, clock, seconds{1});
    for (const Error& error : {error_of(second.state()), error_of(second.record_failure())}) {
      CHECK(error.code == ErrorCode::corrupt);
      CHECK(error.where == damaged.first);
    }
    REQUIRE(storage.remove(damaged.first));
  }
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "an outage is the store's error") {
  storage::FaultyStorage faulty(storage, clock);
  RetryTracker remote(faulty, clock);
  faulty.inject(storage::Fault::failure());
  CHECK(code_of(remote.record_failure()) == ErrorCode::unavailable);
  CHECK(code_of(remote.record_success()) == ErrorCode::unavailable);
  CHECK(code_of(remote.state()) == ErrorCode::unavailable);
  faulty.heal();
  CHECK(ok(remote.state()).total_attempts == 0);
}

TEST_CASE_FIXTURE(RetryTrackerFixture,
                  "a report is two calls and the window is read in one, however full") {
  storage::FaultyStorage counted(storage, clock);
  RetryTracker remote(counted, clock);
  for (int i = 0; i < 100; ++i) REQUIRE(remote.record_failure());
  CHECK(counted.calls() == 200);
  CHECK(ok(remote.state()).failures_1h == 100);
  CHECK(counted.calls() == 201);
}

TEST_CASE_FIXTURE(RetryTrackerFixture, "threads lose no failure") {
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
  CHECK(storage::race_processes(8, [&](int) {
          const auto storage = test::open_patiently(path);
          if (!storage) return 1;
          RetryTracker mine(**storage, clock);
          for (int n = 0; n < 10; ++n) {
            if (!mine.record_failure()) return 1;
          }
          return 0;
        }) == 8);
  const auto storage = ok(storage::open_sqlite_storage(path));
  const auto retry = ok(RetryTracker(*storage, clock).state());
  CHECK(retry.failures_1h == 80);
  CHECK(retry.total_attempts == 80);
}

}  // namespace
}  // namespace rz::health
