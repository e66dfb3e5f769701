#include "rz/health/check_runner.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <filesystem>
#include <functional>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "health/fake_check.h"
#include "rz/health/check_attempts.h"
#include "support/descriptor_limit.h"
#include "support/patience.h"
#include "support/print.h"

namespace rz::health {
namespace {

using enum HealthStatus;

CheckReport run(const std::vector<RegisteredCheck>& checks, RunnerOptions options = {}) {
  REQUIRE(validate_dependencies(checks));
  return run_checks_once(checks, options, SystemClock::instance());
}

CheckOptions after(std::vector<std::string> parents) {
  CheckOptions options;
  options.depends_on = std::move(parents);
  return options;
}

CheckOptions retried(int retries) {
  CheckOptions options;
  options.retries = retries;
  return options;
}

TEST_CASE("results come in the order of the checks, with what the runner knows of them") {
  ManualClock clock;
  const auto slow = [&] {
    clock.advance(Millis{7});
    return found(degraded, "tired");
  };
  const auto report = run_checks_once({registered("b", slow)}, {}, clock);
  REQUIRE(report.results.size() == 1);
  const CheckResult& result = report.results[0];
  CHECK(result.name == "b");
  CHECK(result.type == "fake");
  CHECK(result.status == degraded);
  CHECK(result.message == "tired");
  CHECK(result.latency_ms == 7);
  CHECK(result.timestamp == ManualClock().now());
  CHECK(report.timestamp == ManualClock().now());
  CHECK(report.duration_ms == 7);
  CHECK(report.abandoned == 0);

  const auto order =
      run({registered("z", healthy), registered("a", unhealthy), registered("m", unknown)});
  CHECK(order.results[0].name == "z");
  CHECK(order.results[1].name == "a");
  CHECK(order.results[2].name == "m");
}

TEST_CASE("the status of a run is the worst, and unknown if there was nothing to run") {
  CHECK(run({}).status() == unknown);
  CHECK(run({registered("a", healthy)}).status() == healthy);
  CHECK(run({registered("a", healthy), registered("b", unknown)}).status() == unknown);
  CHECK(run({registered("a", unknown), registered("b", degraded)}).status() == degraded);
  CHECK(run({registered("a", degraded), registered("b", unhealthy)}).status() == unhealthy);
}

TEST_CASE("checks run side by side") {
  // Each waits for all the others: one at a time they would never end.
  constexpr int kChecks = 8;
  std::barrier all(kChecks);
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < kChecks; ++i) {
    checks.push_back(registered(std::to_string(i), [&] {
      all.arrive_and_wait();
      return found(healthy);
    }));
  }
  const auto report = run(checks, {.timeout = Millis{60'000}, .concurrency = kChecks});
  CHECK(report.status() == healthy);
  CHECK(report.abandoned == 0);
}

TEST_CASE("no more than `concurrency` of them") {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < 60; ++i) {
    checks.push_back(registered(std::to_string(i), [&] {
      const int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --running;
      return found(healthy);
    }));
  }
  CHECK(run(checks, {.timeout = Millis{60'000}, .concurrency = 3}).status() == healthy);
  CHECK(most <= 3);
}

TEST_CASE("a check that does not return is answered for and left behind") {
  Gate gate;
  const auto report = run({gate.stuck("nfs", Millis{5}), registered("b", healthy)});
  CHECK(report.results[0].status == unhealthy);
  CHECK(report.results[0].message == "no answer within 5ms");
  CHECK(report.results[0].latency_ms == 5);
  CHECK(report.results[1].status == healthy);
  CHECK(report.abandoned == 1);
}

TEST_CASE("stuck checks hold up none of 200, even where one runs at a time") {
  for (const int concurrency : {1, 64}) {
    Gate gate;
    std::vector<RegisteredCheck> checks;
    for (int i = 0; i < 200; ++i) {
      const std::string name = std::to_string(i);
      checks.push_back(i % 50 == 0 ? gate.stuck(name, Millis{1}) : registered(name, healthy));
    }
    const auto report = run(checks, {.timeout = Millis{60'000}, .concurrency = concurrency});
    REQUIRE(report.results.size() == 200);
    for (int i = 0; i < 200; ++i) {
      CAPTURE(i);
      CHECK(report.results[i].status == (i % 50 == 0 ? unhealthy : healthy));
    }
    CHECK(report.abandoned == 4);
  }
}

TEST_CASE("what is not done at the end of the run is unknown, also what had not begun") {
  Gate gate;
  const auto report =
      run({gate.stuck("slow", Millis{60'000}), registered("child", healthy, after({"slow"}))},
          {.timeout = Millis{20}, .concurrency = 2});
  for (const CheckResult& result : report.results) {
    CHECK(result.status == unknown);
    CHECK(result.message == "the run ended after 20ms, before this check did");
  }
  CHECK(report.abandoned == 1);
}

TEST_CASE("whatever a check throws becomes its answer") {
  const auto report = run({registered("a", []() -> CheckResult { throw std::runtime_error("no"); }),
                           registered("b", []() -> CheckResult { throw 42; })});
  CHECK(report.results[0].status == unknown);
  CHECK(report.results[0].message == "the check failed: no");
  CHECK(report.results[1].status == unknown);
  CHECK(report.results[1].message == "the check failed");
}

TEST_CASE("a good answer that took a retry is flaky") {
  ManualClock clock;
  int calls = 0;
  const auto third_time = [&] { return found(++calls < 3 ? unhealthy : healthy); };
  const auto report = run_checks_once({registered("a", third_time, retried(5))}, {}, clock);
  CHECK(calls == 3);
  CHECK(report.results[0].status == healthy);
  CHECK(report.results[0].metadata == Value::object({{"attempts", 3}, {"flaky", true}}));
  // Two pauses, of half to all of 500 ms and of 1 s.
  CHECK(report.results[0].latency_ms >= 750);
  CHECK(report.results[0].latency_ms <= 1500);
}

TEST_CASE("a bad answer stands after the last retry, and a good one needs none") {
  ManualClock clock;
  int calls = 0;
  const auto answer = [&](HealthStatus status) {
    return [&calls, status] {
      ++calls;
      return found(status);
    };
  };
  const auto bad = run_checks_once({registered("a", answer(degraded), retried(2))}, {}, clock);
  CHECK(calls == 3);
  CHECK(bad.results[0].status == degraded);
  CHECK(bad.results[0].metadata == Value::object({{"attempts", 3}}));

  calls = 0;
  const auto good = run_checks_once({registered("a", answer(healthy), retried(2))}, {}, clock);
  CHECK(calls == 1);
  CHECK(good.results[0].metadata == Value::object());
}

TEST_CASE("while an earlier call is out a check is not called again, and the others are") {
  Gate gate;
  CheckRunner runner(SystemClock::instance());
  std::atomic<int> calls = 0;
  const auto well = [&calls] {
    ++calls;
    return found(healthy);
  };
  const std::vector<RegisteredCheck> checks = {gate.stuck("a", Millis{1}), registered("b", well),
                                               registered("c", well, after({"a"}))};
  CHECK(runner.run(checks, {}).results[0].message == "no answer within 1ms");
  const auto again = runner.run(checks, {});
  CHECK(again.results[0].status == unhealthy);
  CHECK(again.results[0].message.starts_with("an earlier call has not returned for "));
  CHECK(again.results[1].status == healthy);
  CHECK(again.results[2].skipped);
  CHECK(again.abandoned == 1);
  CHECK(calls == 2);
}

TEST_CASE("a check whose call has come back is called again") {
  CheckRunner runner(SystemClock::instance());
  auto gate = std::make_unique<Gate>();
  const std::vector<RegisteredCheck> checks = {gate->stuck("a", Millis{1})};
  CHECK(runner.run(checks, {}).abandoned == 1);
  gate.reset();
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (runner.run(checks, {}).results[0].status != healthy) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
  CHECK(runner.run(checks, {}).abandoned == 0);
}

TEST_CASE("nobody waits for the retries of a check that was answered for") {
  std::atomic<int> calls = 0;
  std::promise<void> opened;
  const auto body = [&, open = opened.get_future().share()] {
    ++calls;
    open.wait();
    return found(unhealthy);
  };
  CheckRunner runner(SystemClock::instance());
  const RegisteredCheck check{std::make_shared<FakeCheck>("a", body, Millis{1}), retried(3)};
  CHECK(runner.run({check}, {.timeout = test::kPatience}).abandoned == 1);
  opened.set_value();
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (runner.run({}, {}).abandoned > 0) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
  CHECK(calls == 1);
}

TEST_CASE(
    "a try that does not return is answered for after its own time, however many may follow") {
  CheckOptions options = retried(3);
  options.retry_delay = std::chrono::hours{1};
  Gate gate;
  const auto report =
      run({gate.stuck("a", Millis{1}, options)}, {.timeout = test::kPatience, .concurrency = 1});
  CHECK(report.results[0].status == unhealthy);
  CHECK(report.results[0].message == "no answer within 1ms");
}

/// A clock on which a pause lasts until the test ends it.
class PausedClock final : public Clock {
 public:
  TimePoint now() const override { return SystemClock::instance().now(); }
  std::chrono::nanoseconds monotonic() const override {
    return SystemClock::instance().monotonic();
  }
  void sleep_for(Micros) override { ended_.wait(); }
  void end_pause() { end_.set_value(); }

 private:
  std::promise<void> end_;
  std::shared_future<void> ended_ = end_.get_future().share();
};

TEST_CASE("a check whose run ends during the pause before a retry is not called again") {
  std::atomic<int> calls = 0;
  const auto body = [&] {
    ++calls;
    return found(unhealthy);
  };
  PausedClock clock;
  CheckRunner runner(clock);
  // The run ends during the pause, which is within the time of the check. On a slow machine it may
  // end before; then what was found counts.
  CheckOptions options = retried(3);
  options.retry_delay = Millis{1};
  const auto report = runner.run({registered("a", body, options)}, {.timeout = Millis{200}});
  CHECK((report.results[0].status == unknown || report.results[0].status == unhealthy));
  clock.end_pause();
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (runner.run({}, {}).abandoned > 0) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
  CHECK(calls <= 1);
}

TEST_CASE("calls that do not return are bounded, also where checks are replaced") {
  Gate gate;
  CheckRunner runner(SystemClock::instance());
  const RunnerOptions options{.max_stuck = 2};
  // As when a configuration is loaded anew.
  for (int i = 0; i < 2; ++i) runner.run({gate.stuck("a", Millis{1})}, options);
  const auto report = runner.run({gate.stuck("a", Millis{1}), registered("b", healthy)}, options);
  CHECK(report.abandoned == 2);
  for (const CheckResult& result : report.results) {
    CHECK(result.status == unknown);
    CHECK(result.message ==
          "not begun: 2 checks that do not return hold a thread each, and no more are given away");
  }
}

/// How many threads and descriptors this process has.
std::pair<std::size_t, std::size_t> held() {
  const auto entries = [](const char* folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
  };
  return {entries("/proc/self/task"), entries("/proc/self/fd")};
}

TEST_CASE("thousands of runs, with checks that never return, hold no more than the first") {
  Gate gate;
  CheckRunner runner(SystemClock::instance());
  std::vector<RegisteredCheck> checks = {gate.stuck("a", Millis{1}), gate.stuck("b", Millis{1})};
  for (const char* name : {"c", "d", "e"}) checks.push_back(registered(name, healthy));
  const auto [threads, descriptors] = held();
  for (int i = 0; i < 3'000; ++i) {
    const auto report = runner.run(checks, {});
    REQUIRE(report.abandoned == 2);
    REQUIRE(report.results[4].status == healthy);
  }
  // A thread that has brought its result needs a moment to end.
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (held().first > threads + 2) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
  CHECK(held().second == descriptors);
}

/// A check that waits through the Waiter of its thread, as the network's do.
class WaitingCheck final : public HealthCheck {
 public:
  using Body = std::function<CheckResult()>;

  WaitingCheck(std::string name, Body body, Millis timeout = test::kPatience)
      : name_(std::move(name)), body_(std::move(body)), timeout_(timeout) {}

  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "waiting"; }
  Millis timeout() const override { return timeout_; }
  bool shares_thread() const override { return true; }
  CheckResult check() override { return body_(); }

 private:
  std::string name_;
  Body body_;
  Millis timeout_;
};

RegisteredCheck waiting(std::string name, WaitingCheck::Body body, CheckOptions options = {},
                        Millis timeout = test::kPatience) {
  return {std::make_shared<WaitingCheck>(std::move(name), std::move(body), timeout),
          std::move(options)};
}

TEST_CASE("checks that only wait share one thread, however many they are") {
  constexpr int kChecks = 200;
  int begun = 0;  // All on one thread, so that nothing guards them.
  std::set<std::thread::id> threads;
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < kChecks; ++i) {
    checks.push_back(waiting(std::to_string(i), [&] {
      threads.insert(std::this_thread::get_id());
      ++begun;
      // Each waits for all the others: one after the other they would never end.
      while (begun < kChecks) SystemClock::instance().sleep_for(Millis{1});
      return found(healthy);
    }));
  }
  const auto report = run(checks, {.timeout = test::kPatience});
  CHECK(report.status() == healthy);
  CHECK(report.abandoned == 0);
  CHECK(threads.size() == 1);
}

TEST_CASE("no more than `concurrency` of those that share a thread, either") {
  int running = 0;
  int most = 0;
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < 20; ++i) {
    checks.push_back(waiting(std::to_string(i), [&] {
      most = std::max(most, ++running);
      SystemClock::instance().sleep_for(Millis{1});
      --running;
      return found(healthy);
    }));
  }
  CHECK(run(checks, {.timeout = test::kPatience, .concurrency = 3}).status() == healthy);
  CHECK(most <= 3);
}

TEST_CASE("where descriptors are few, fewer checks run at the same time") {
  int running = 0;
  int most = 0;
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < 100; ++i) {
    checks.push_back(waiting(std::to_string(i), [&] {
      most = std::max(most, ++running);
      SystemClock::instance().sleep_for(Millis{1});
      --running;
      return found(healthy);
    }));
  }
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{200, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto report = run(checks, {.timeout = test::kPatience});
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(report.status() == healthy);
  CHECK(most <= 50);
}

CheckResult timed_out() {
  CheckResult result = found(unhealthy, "no answer in time");
  result.failure = Error{ErrorCode::timeout, "no answer in time", {}};
  return result;
}

TEST_CASE("a check that shares a thread is not blamed for the time that another one takes") {
  // The first waits for the second, which computes for more than a tenth of the first one's
  // timeout. The third is held up for less than a tenth of its own.
  const Millis timeout{5'000};
  const auto wait_and_fail = [](const bool& begun) {
    return [&begun] {
      while (!begun) SystemClock::instance().sleep_for(Millis{1});
      return timed_out();
    };
  };
  bool begun = false;
  const auto computes = [&] {
    begun = true;
    const auto end = std::chrono::steady_clock::now() + timeout / 5;
    while (std::chrono::steady_clock::now() < end) {
    }
    return found(healthy);
  };
  CheckOptions inverted;
  inverted.invert = true;
  const auto report = run({waiting("held up", wait_and_fail(begun), {}, timeout),
                           waiting("held up and inverted", wait_and_fail(begun), inverted, timeout),
                           waiting("patient", wait_and_fail(begun), {}, 1000 * test::kPatience),
                           waiting("computes", computes)});
  CHECK(report.results[0].status == unknown);
  CHECK(report.results[0].message.starts_with(
      "no answer in time, and other checks held this one up for "));
  CHECK(report.results[1].status == unknown);
  CHECK(report.results[2].status == unhealthy);
  CHECK(report.results[2].message == "no answer in time");
}

TEST_CASE("what a check loads on this host before it asks is not counted as its time") {
  class Loading final : public FakeCheck {
   public:
    Loading(ManualClock& clock, int& loaded)
        : FakeCheck("loads", [] { return found(healthy); }), clock_(clock), loaded_(loaded) {}
    void prepare() override {
      ++loaded_;
      clock_.advance(Millis{500});
      throw std::runtime_error("what fails here fails in the check again");
    }

   private:
    ManualClock& clock_;
    int& loaded_;
  };
  ManualClock clock;
  int loaded = 0;
  CheckOptions limited;
  limited.latency = {Millis{100}, Millis{200}};
  const auto report =
      run_checks_once({{std::make_shared<Loading>(clock, loaded), limited}}, {}, clock);
  CHECK(report.results[0].status == healthy);
  CHECK(report.results[0].latency_ms == 0);
  CHECK(loaded == 1);
}

TEST_CASE("a check that blocks the shared thread ends neither the run nor the others' turn") {
  // It claims to wait through the Waiter, and does not.
  std::promise<void> opened;
  std::atomic<int> late = 0;
  const auto blocks = [&, open = opened.get_future().share()] {
    open.wait();
    return found(healthy, "too late");
  };
  CheckRunner runner(SystemClock::instance());
  const std::vector<RegisteredCheck> checks = {waiting("blocks", blocks, {}, Millis{1}),
                                               waiting(
                                                   "beside",
                                                   [&] {
                                                     ++late;
                                                     return found(healthy);
                                                   },
                                                   {}, Millis{1}),
                                               registered("own thread", healthy)};
  const auto report = runner.run(checks, {});
  CHECK(report.results[0].status == unhealthy);
  CHECK(report.results[0].message == "no answer within 1ms");
  CHECK(report.results[1].status == unknown);
  CHECK(report.results[1].message.starts_with("the check 'blocks' has not let the others go on"));
  CHECK(report.results[2].status == healthy);
  CHECK(report.abandoned == 2);

  // The next run has a loop of its own, and calls none that is still out.
  const auto next = runner.run({checks[0], waiting("new", [] { return found(healthy); })}, {});
  CHECK(next.results[0].message.starts_with("an earlier call has not returned for "));
  CHECK(next.results[1].status == healthy);
  opened.set_value();
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (runner.run({}, {}).abandoned > 0) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
  // Nobody waits for it any more.
  CHECK(late == 0);
}

TEST_CASE("a loop that is held counts among the threads that are given away") {
  std::promise<void> opened;
  const auto blocks = [open = opened.get_future().share()] {
    open.wait();
    return found(healthy);
  };
  CheckRunner runner(SystemClock::instance());
  const RunnerOptions options{.max_stuck = 2};
  for (int i = 0; i < 2; ++i) runner.run({waiting("a", blocks, {}, Millis{1})}, options);
  const auto report = runner.run({registered("b", healthy)}, options);
  CHECK(report.results[0].status == unknown);
  CHECK(report.results[0].message ==
        "not begun: 2 checks that do not return hold a thread each, and no more are given away");
  opened.set_value();
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (runner.run({}, {}).abandoned > 0) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
}

TEST_CASE("retries of checks that share a thread hold up none of the others") {
  std::atomic<int> calls = 0;
  CheckOptions patient = retried(1);
  patient.retry_delay = Millis{50};
  std::string order;
  const auto report = run({waiting(
                               "fails once",
                               [&] {
                                 order += 'a';
                                 return found(++calls == 1 ? unhealthy : healthy);
                               },
                               patient),
                           waiting("other",
                                   [&] {
                                     order += 'b';
                                     return found(healthy);
                                   })},
                          {.timeout = test::kPatience});
  CHECK(report.status() == healthy);
  CHECK(*report.results[0].metadata.find("flaky")->as_bool());
  CHECK(order == "aba");
}

TEST_CASE("without a descriptor for the loop, each check has a thread") {
  const auto report = [] {
    const test::NoDescriptors none;
    return run({waiting("a", [] { return found(healthy); })});
  }();
  CHECK(report.status() == healthy);
}

TEST_CASE("pauses before retries double up to a limit, and a part of them is chance") {
  for (const auto& [retry, most] :
       {std::pair{1, 500}, {2, 1'000}, {3, 2'000}, {7, 30'000}, {100, 30'000}}) {
    for (int i = 0; i < 50; ++i) {
      const Millis pause = retry_pause(Millis{500}, retry);
      CHECK(pause.count() <= most);
      CHECK(pause.count() >= most / 2);
    }
  }
  CHECK(retry_pause(Millis{0}, 5) == Millis{0});
  CHECK(retry_pause(std::chrono::hours{1}, 3) >= std::chrono::minutes{30});
  CHECK(retry_pause(std::chrono::hours{1}, 3) <= std::chrono::hours{1});
}

TEST_CASE("a retry that could not begin in time leaves what was found") {
  CheckOptions options = retried(3);
  options.retry_delay = std::chrono::hours{1};
  const auto report = run({registered("a", degraded, options)}, {.timeout = test::kPatience});
  CHECK(report.results[0].status == degraded);
  CHECK(report.results[0].message == "said so");
}

TEST_CASE("a good answer that takes too long is worse, and says how long") {
  ManualClock clock;
  const auto took = [&](Millis time, HealthStatus status) {
    CheckOptions options;
    options.latency = {.warning = Millis{200}, .critical = Millis{1'000}};
    const auto body = [&clock, time, status] {
      clock.advance(time);
      return found(status);
    };
    return run_checks_once({registered("a", body, options)}, {}, clock).results[0];
  };
  CHECK(took(Millis{199}, healthy).status == healthy);
  CHECK(took(Millis{199}, healthy).message == "said so");
  CHECK(took(Millis{200}, healthy).status == degraded);
  CHECK(took(Millis{350}, healthy).message == "said so, but took 350ms (warning from 200ms)");
  CHECK(took(Millis{1'000}, healthy).status == unhealthy);
  CHECK(took(Millis{1'500}, degraded).message == "said so, but took 1.5s (critical from 1s)");
  // It has a cause of its own.
  CHECK(took(Millis{300}, degraded).message == "said so");
  CHECK(took(Millis{1'500}, unhealthy).message == "said so");
  CHECK(took(Millis{1'500}, unknown).status == unknown);
}

TEST_CASE("invert exchanges healthy and unhealthy alone, and severity maps what comes of it") {
  CheckOptions inverted;
  inverted.invert = true;
  const auto report =
      run({registered("a", healthy, inverted), registered("b", unhealthy, inverted),
           registered("c", degraded, inverted), registered("d", unknown, inverted)});
  CHECK(report.results[0].status == unhealthy);
  CHECK(report.results[1].status == healthy);
  CHECK(report.results[2].status == degraded);
  CHECK(report.results[3].status == unknown);
  CHECK(report.results[0].message == "expected to fail (invert), but: said so");
  CHECK(report.results[1].message == "fails, as expected (invert): said so");
  CHECK(report.results[3].message == "said so");

  inverted.severity = {{unhealthy, degraded}, {unknown, unhealthy}};
  const auto mapped = run({registered("a", healthy, inverted), registered("b", unknown, inverted)});
  CHECK(mapped.results[0].status == degraded);
  CHECK(mapped.results[1].status == unhealthy);

  Gate gate;
  CheckOptions mild;
  mild.severity = {{unhealthy, degraded}};
  CHECK(run({gate.stuck("a", Millis{1}, mild)}).results[0].status == degraded);
  inverted.severity.clear();
  const auto late = run({gate.stuck("a", Millis{1}, inverted)}).results[0];
  CHECK(late.status == unknown);
  CHECK(late.message == "no answer that could be inverted: no answer within 1ms");
}

TEST_CASE("what depends on an unhealthy check is skipped, down to its last descendant") {
  bool called = false;
  const auto never = [&] {
    called = true;
    return found(healthy);
  };
  // Children first: the order of registration is not the order of running.
  const auto report = run({registered("grandchild", never, after({"child"})),
                           registered("child", never, after({"ok", "db"})),
                           registered("db", unhealthy), registered("ok", healthy)});
  CHECK_FALSE(called);
  CHECK(report.results[0].status == unknown);
  CHECK(report.results[0].message == "skipped: it depends on 'child', which was skipped");
  CHECK(report.results[1].status == unknown);
  CHECK(report.results[0].skipped);
  CHECK(report.results[1].skipped);
  CHECK(report.results[1].message == "skipped: it depends on 'db', which is unhealthy");
  CHECK(report.status() == unhealthy);
}

TEST_CASE("a check that says of itself what a skipped one would is not taken for one") {
  const auto report = run({registered("parent", [] { return found(unknown, "skipped: a beat"); }),
                           registered("child", healthy, after({"parent"}))});
  CHECK(report.results[1].status == healthy);
}

TEST_CASE("a degraded or unknown parent skips nothing") {
  const auto report = run({registered("slow", degraded), registered("dim", unknown),
                           registered("child", healthy, after({"slow", "dim"}))});
  CHECK(report.results[2].status == healthy);
}

TEST_CASE("dependencies that cannot be are refused") {
  CHECK(validate_dependencies({}));
  CHECK(validate_dependencies({registered("a", healthy, after({"b"})), registered("b", healthy)}));

  const auto missing = validate_dependencies({registered("a", healthy, after({"nobody"}))});
  REQUIRE_FALSE(missing);
  CHECK(missing.error() ==
        Error{ErrorCode::config, "check 'a' depends on 'nobody', which is not a check", ""});

  const auto itself = validate_dependencies({registered("a", healthy, after({"a"}))});
  REQUIRE_FALSE(itself);
  CHECK(itself.error() == Error{ErrorCode::config, "check 'a' depends on itself", ""});

  const auto circle = validate_dependencies({registered("a", healthy, after({"b"})),
                                             registered("b", healthy, after({"c"})),
                                             registered("c", healthy, after({"b"}))});
  REQUIRE_FALSE(circle);
  CHECK(circle.error().message == "check 'b' depends on itself");

  std::vector<RegisteredCheck> chain{registered("0", healthy)};
  for (int i = 1; i < 100'000; ++i) {
    chain.push_back(registered(std::to_string(i), healthy, after({std::to_string(i - 1)})));
  }
  CHECK(validate_dependencies(chain));
  chain[0].options.depends_on = {"99999"};
  CHECK_FALSE(validate_dependencies(chain));

  // A diamond is not a circle.
  CHECK(validate_dependencies({registered("top", healthy), registered("l", healthy, after({"top"})),
                               registered("r", healthy, after({"top"})),
                               registered("end", healthy, after({"l", "r"}))}));
}

TEST_CASE("a run that is told to stop ends with what is known") {
  Gate gate;
  std::atomic<bool> stop = false;
  const auto tell = [&stop] {
    stop = true;
    return found(degraded, "tired");
  };
  RunnerOptions options;
  options.stop = [&stop] { return stop.load(); };
  const auto report =
      run({registered("quick", tell), gate.stuck("slow", Millis{600'000})}, options);
  CHECK(report.stopped);
  CHECK(report.unfinished == 1);
  CHECK(report.results[0].message == "tired");
  CHECK(report.results[1].status == unknown);
  CHECK(report.results[1].message == "the run was interrupted, before this check did");
}

TEST_CASE("a run that nobody stops is whole") {
  RunnerOptions options;
  options.stop = [] { return false; };
  const auto report = run({registered("quick", healthy)}, options);
  CHECK(!report.stopped);
  CHECK(report.unfinished == 0);
}

}  // namespace
}  // namespace rz::health
