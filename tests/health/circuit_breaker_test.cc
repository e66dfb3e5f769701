#include "rz/health/circuit_breaker.h"

#include <doctest/doctest.h>

#include <atomic>
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

using Phase = BreakerState::Phase;
using std::chrono::seconds;

struct CircuitBreakerFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  BreakerOptions options{
      .failure_threshold = 3, .recovery_timeout = seconds{60}, .success_threshold = 2};
  CircuitBreaker breaker{"db", storage, options, clock};

  void trip() {
    for (int i = 0; i < options.failure_threshold; ++i) ok(breaker.record_failure());
  }
  BreakerState now() {
    const auto state = ok(breaker.state());
    REQUIRE(state);
    return *state;
  }
};

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "one that was never fed has no state and lets calls pass") {
  CHECK_FALSE(ok(breaker.state()));
  CHECK(ok(breaker.allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "it opens at the threshold of failures in a row, not before") {
  ok(breaker.record_failure());
  CHECK(ok(breaker.record_failure()).phase == Phase::closed);
  CHECK(ok(breaker.allows_call()));
  const auto opened = ok(breaker.record_failure());
  CHECK(opened.name == "db");
  CHECK(opened.phase == Phase::open);
  CHECK(opened.consecutive_failures == 3);
  CHECK(opened.failures_total == 3);
  CHECK(opened.trips_total == 1);
  CHECK(opened.changed == clock.now());
  CHECK_FALSE(ok(breaker.allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "a success between them starts the row anew") {
  for (int i = 0; i < 5; ++i) {
    ok(breaker.record_failure());
    ok(breaker.record_failure());
    ok(breaker.record_success());
  }
  CHECK(now().phase == Phase::closed);
  CHECK(now().consecutive_failures == 0);
  CHECK(now().failures_total == 10);
  CHECK(now().successes_total == 5);
  CHECK(now().trips_total == 0);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "it is half open by the clock alone, to the millisecond") {
  trip();
  clock.advance(seconds{60} - Millis{1});
  CHECK(now().phase == Phase::open);
  CHECK(now().open_duration_seconds(clock.now()) == doctest::Approx(59.999));
  clock.advance(Millis{1});
  CHECK(now().phase == Phase::half_open);
  CHECK(now().open_duration_seconds(clock.now()) == 0);
  CHECK(now().changed == clock.now());
  CHECK(ok(breaker.allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "from half open, successes in a row close it") {
  trip();
  clock.advance(seconds{60});
  CHECK(ok(breaker.record_success()).phase == Phase::half_open);
  CHECK(ok(breaker.record_success()).phase == Phase::closed);
  CHECK(now().consecutive_failures == 0);
  CHECK(now().trips_total == 1);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "from half open, one failure opens it again for the whole time") {
  trip();
  clock.advance(seconds{60});
  ok(breaker.record_success());
  const auto again = ok(breaker.record_failure());
  CHECK(again.phase == Phase::open);
  CHECK(again.trips_total == 2);
  clock.advance(seconds{59});
  CHECK(now().phase == Phase::open);
  clock.advance(seconds{1});
  CHECK(now().phase == Phase::half_open);
  // The success before the failure counts no more.
  CHECK(ok(breaker.record_success()).phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "failures while it is open are counted and do not prolong it") {
  trip();
  clock.advance(seconds{30});
  ok(breaker.record_failure());
  CHECK(now().trips_total == 1);
  CHECK(now().failures_total == 4);
  clock.advance(seconds{30});
  CHECK(now().phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "an opening in the future counts from when it was first seen") {
  const TimePoint right = clock.now();
  clock.advance(std::chrono::hours{24 * 3650});
  trip();
  clock.set_now(right);
  CHECK(now().phase == Phase::open);
  CHECK(now().changed == right);
  // Whoever looks next goes on from there: it is stored.
  clock.advance(seconds{59});
  CircuitBreaker other("db", storage, options, clock);
  CHECK_FALSE(ok(other.allows_call()));
  clock.advance(seconds{1});
  CHECK(ok(other.state())->phase == Phase::half_open);
  // Nor does it open again when that time comes.
  clock.advance(std::chrono::hours{24 * 3650});
  CHECK(now().phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "a clock that is behind closes it for nobody") {
  trip();
  const TimePoint opened = clock.now();
  for (const auto behind : {std::chrono::hours{1}, std::chrono::hours{24 * 365 * 50}}) {
    clock.set_now(opened - behind);
    CHECK(now().phase == Phase::open);
    CHECK(ok(breaker.record_failure()).phase == Phase::open);
    clock.set_now(opened + seconds{59});
    CHECK(now().phase == Phase::open);
    CHECK(now().changed == opened);
  }
  clock.advance(seconds{1});
  CHECK(now().phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "one that is only fed goes on from when it was first fed") {
  clock.advance(std::chrono::hours{1});
  trip();
  clock.set_now(clock.now() - std::chrono::hours{1});
  CHECK(ok(breaker.record_failure()).phase == Phase::open);
  clock.advance(seconds{60});
  CHECK(ok(breaker.record_success()).phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "half open, as many calls are allowed as there are probes") {
  options.probes = 2;
  CircuitBreaker a("db", storage, options, clock), b("db", storage, options, clock),
      c("db", storage, options, clock);
  trip();
  clock.advance(seconds{60});
  CHECK(ok(a.allows_call()));
  CHECK(ok(b.allows_call()));
  CHECK_FALSE(ok(c.allows_call()));
  CHECK_FALSE(ok(a.allows_call()));
  // An outcome gives the claim back.
  CHECK(ok(a.record_success()).probes.size() == 1);
  CHECK(ok(c.allows_call()));
  CHECK_FALSE(ok(a.allows_call()));
  // The outcome of somebody who claimed nothing takes nobody's.
  ok(breaker.record_failure());
  CHECK(now().phase == Phase::open);
  CHECK(now().probes.empty());
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "a claim whose outcome is lost returns after the recovery time") {
  trip();
  clock.advance(seconds{60});
  {
    CircuitBreaker dies("db", storage, options, clock);
    CHECK(ok(dies.allows_call()));
  }
  clock.advance(seconds{60} - Millis{1});
  CHECK_FALSE(ok(breaker.allows_call()));
  clock.advance(Millis{1});
  CHECK(ok(breaker.allows_call()));
  CHECK(ok(breaker.record_success()).phase == Phase::half_open);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "a claim from the future returns as well") {
  trip();
  clock.advance(seconds{60});
  const TimePoint right = clock.now();
  clock.advance(std::chrono::hours{24});
  CircuitBreaker dies("db", storage, options, clock);
  CHECK(ok(dies.allows_call()));
  clock.set_now(right);
  CHECK_FALSE(ok(breaker.allows_call()));
  clock.advance(seconds{60});
  CHECK(ok(breaker.allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "a closed breaker allows every call, and writes nothing for it") {
  ok(breaker.record_success());
  storage::FaultyStorage counted(storage, clock);
  CircuitBreaker mine("db", counted, options, clock);
  for (int i = 0; i < 10; ++i) CHECK(ok(mine.allows_call()));
  CHECK(counted.calls() == 10);
  CHECK(counted.calls(storage::FaultyStorage::Operation::get) == 10);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "of many threads at once as many as there are probes are let through") {
  for (const int probes : {1, 3}) {
    options.probes = probes;
    CircuitBreaker("db", storage, options, clock);
    trip();
    clock.advance(seconds{60});
    std::atomic<int> allowed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        CircuitBreaker mine("db", storage, options, clock);
        if (mine.allows_call().value_or(false)) ++allowed;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(allowed == probes);
    ok(breaker.record_failure());
    ok(CircuitBreaker::remove(storage, "db"));
  }
}

TEST_CASE("of many processes on one file one is let through") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  ManualClock clock;
  const BreakerOptions options{.failure_threshold = 1, .recovery_timeout = seconds{60}};
  {
    const auto storage = ok(storage::open_sqlite_storage(path));
    ok(CircuitBreaker("db", *storage, options, clock).record_failure());
  }
  clock.advance(seconds{60});
  CHECK(storage::race_processes(8, [&](int) {
          const auto storage = test::open_patiently(path);
          if (!storage) return 1;
          const auto allowed = CircuitBreaker("db", **storage, options, clock).allows_call();
          return allowed && *allowed ? 0 : 1;
        }) == 1);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "a breaker that is removed is as if never fed") {
  trip();
  CHECK(ok(CircuitBreaker::remove(storage, "db")));
  CHECK_FALSE(ok(CircuitBreaker::remove(storage, "db")));
  CHECK_FALSE(ok(breaker.state()));
  CHECK(ok(breaker.allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "another process of the store sees the same breaker") {
  trip();
  CircuitBreaker other("db", storage, options, clock);
  CHECK_FALSE(ok(other.allows_call()));
  CHECK(ok(CircuitBreaker("web", storage, options, clock).allows_call()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "breakers are listed by name, whatever characters it has") {
  for (const char* name : {"web", "a*b", "db:1"}) {
    ok(CircuitBreaker(name, storage, options, clock).record_success());
  }
  REQUIRE(storage.set("health:breakers", "not one"));
  CHECK(ok(CircuitBreaker::list(storage)) == std::vector<std::string>{"a*b", "db:1", "web"});
}

TEST_CASE_FIXTURE(CircuitBreakerFixture,
                  "a corrupt record is an error with its key and the way out") {
  REQUIRE(storage.set("health:breaker:db", R"({"state":"AJAR"})"));
  const Error expected{ErrorCode::corrupt,
                       "the stored breaker has no valid state; remove the key to start anew",
                       "health:breaker:db"};
  const auto state = breaker.state();
  REQUIRE_FALSE(state);
  CHECK(state.error() == expected);
  const auto recorded = breaker.record_success();
  REQUIRE_FALSE(recorded);
  CHECK(recorded.error() == expected);
  CHECK(ok(storage.get("health:breaker:db")) == R"({"state":"AJAR"})");
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "an outage is the store's error, and nothing is counted") {
  storage::FaultyStorage faulty(storage, clock);
  CircuitBreaker remote("db", faulty, options, clock);
  faulty.inject(storage::Fault::failure());
  CHECK(code_of(remote.record_failure()) == ErrorCode::unavailable);
  CHECK(code_of(remote.state()) == ErrorCode::unavailable);
  CHECK(code_of(remote.allows_call()) == ErrorCode::unavailable);
  CHECK(code_of(CircuitBreaker::list(faulty)) == ErrorCode::unavailable);
  faulty.heal();
  CHECK_FALSE(ok(remote.state()));
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "a report whose answer was lost is not sent twice") {
  storage::FaultyStorage faulty(storage, clock);
  CircuitBreaker remote("db", faulty, options, clock);
  faulty.inject(storage::Fault::lost_answer(seconds{1}),
                {.operation = storage::FaultyStorage::Operation::commit});
  CHECK(code_of(remote.record_failure()) == ErrorCode::timeout);
  CHECK(now().failures_total == 1);
}

TEST_CASE_FIXTURE(CircuitBreakerFixture, "threads lose no report and trip once") {
  constexpr int kThreads = 8;
  constexpr int kReports = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      CircuitBreaker mine("db", storage, options, clock);
      for (int n = 0; n < kReports; ++n) static_cast<void>(mine.record_failure());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(now().failures_total == kThreads * kReports);
  CHECK(now().trips_total == 1);
}

TEST_CASE("processes on one file lose no report and trip once") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  SystemClock& clock = SystemClock::instance();
  const BreakerOptions options{
      .failure_threshold = 3, .recovery_timeout = std::chrono::hours{24}, .success_threshold = 2};
  CHECK(storage::race_processes(8, [&](int) {
          const auto storage = test::open_patiently(path);
          if (!storage) return 1;
          CircuitBreaker mine("db", **storage, options, clock);
          for (int n = 0; n < 10; ++n) {
            if (!mine.record_failure()) return 1;
          }
          return 0;
        }) == 8);
  const auto storage = ok(storage::open_sqlite_storage(path));
  const auto state = ok(CircuitBreaker("db", *storage, options, clock).state());
  REQUIRE(state);
  CHECK(state->failures_total == 80);
  CHECK(state->trips_total == 1);
}

}  // namespace
}  // namespace rz::health
