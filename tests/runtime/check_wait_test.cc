#include "rz/runtime/check_wait.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/results.h"

namespace rz::runtime {
namespace {

using enum HealthStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Checks that a test tells what to answer, and a clock that only they and the pauses move.
struct WaitWorld {
  ManualClock clock{};
  std::vector<Millis> timeouts{};  ///< Of each run.
  std::vector<HealthStatus> answers{};
  Millis run_takes{0};
  bool stop = false;
  std::size_t told = 0;

  Result<CheckRun> run(const RunBounds& bounds) {
    const HealthStatus status = answers.at(std::min(timeouts.size(), answers.size() - 1));
    timeouts.push_back(*bounds.timeout);
    const bool cut_off = run_takes > *bounds.timeout;
    clock.advance(std::min(run_takes, *bounds.timeout));
    CheckRun run;
    CheckResult result;
    result.name = "web";
    result.status = cut_off ? unknown : status;
    result.message = "run " + std::to_string(timeouts.size());
    run.report.results.push_back(result);
    run.report.unfinished = cut_off ? 1 : 0;
    run.report.stopped = bounds.stop && bounds.stop();
    return run;
  }

  Result<CheckRun> wait(Millis within, Millis run_timeout = seconds{30}) {
    return wait_for_checks(
        [this](const RunBounds& bounds) { return run(bounds); },
        {.within = within,
         .run_timeout = run_timeout,
         .is_good = [](const CheckRun& one) { return one.report.status() == healthy; },
         .tell = [this](const CheckRun&) { ++told; },
         .stop = [this] { return stop; }},
        clock);
  }
};

}  // namespace

TEST_CASE("a good run is the answer at once, without a pause") {
  WaitWorld world{.answers = {healthy}};
  const TimePoint begin = world.clock.now();
  CHECK(ok(world.wait(seconds{60})).report.status() == healthy);
  CHECK(world.timeouts == std::vector<Millis>{seconds{30}});
  CHECK(world.told == 0);
  CHECK(world.clock.now() == begin);
}

TEST_CASE("it runs all again until they are good, with pauses that grow to five seconds") {
  WaitWorld world{.answers = std::vector<HealthStatus>(12, unhealthy)};
  world.answers.push_back(healthy);
  const TimePoint begin = world.clock.now();
  const auto run = ok(world.wait(std::chrono::hours{1}));
  CHECK(run.report.results[0].message == "run 13");
  CHECK(world.told == 12);
  // 0.1 0.2 … 3.2 s, then 5 s, six times, and at least half of each.
  const auto waited = world.clock.now() - begin;
  CHECK(waited <= milliseconds{6'300} + seconds{6 * 5});
  CHECK(waited >= (milliseconds{6'300} + seconds{6 * 5}) / 2);
}

TEST_CASE("all of it takes no longer than it may, and the last run is the answer") {
  WaitWorld world{.answers = {unhealthy}};
  world.run_takes = seconds{2};
  const TimePoint begin = world.clock.now();
  const auto run = ok(world.wait(seconds{20}));
  CHECK(world.clock.now() - begin <= seconds{20});
  CHECK(run.report.status() == unhealthy);
  CHECK(world.timeouts.size() > 3);
}

TEST_CASE("what becomes good in the last moment is seen") {
  WaitWorld world{.answers = {unhealthy}};
  const TimePoint good_from = world.clock.now() + milliseconds{59'700};
  const auto run = ok(wait_for_checks(
      [&](const RunBounds& bounds) {
        world.answers = {world.clock.now() >= good_from ? healthy : unhealthy};
        return world.run(bounds);
      },
      {.within = seconds{60},
       .run_timeout = seconds{30},
       .is_good = [](const CheckRun& one) { return one.report.status() == healthy; }},
      world.clock));
  CHECK(run.report.status() == healthy);
}

TEST_CASE("a run that the end has cut off says less than the whole one before it") {
  WaitWorld world{.answers = {unhealthy}};
  world.run_takes = seconds{4};
  const auto run = ok(world.wait(seconds{10}));
  CHECK(run.report.status() == unhealthy);
  CHECK(run.report.unfinished == 0);
  CHECK(world.timeouts.back() < seconds{4});
}

TEST_CASE("a run that takes longer than it may wait is cut off, and is the answer") {
  WaitWorld world{.answers = {healthy}};
  world.run_takes = seconds{4};
  const auto run = ok(world.wait(seconds{1}));
  CHECK(world.timeouts == std::vector<Millis>{seconds{1}});
  CHECK(run.report.status() == unknown);
  CHECK(run.report.unfinished == 1);
}

TEST_CASE("a run that takes longer than a run may is told as it is, each time") {
  WaitWorld world{.answers = {healthy}};
  world.run_takes = seconds{4};
  const auto run = ok(world.wait(seconds{10}, seconds{2}));
  CHECK(run.report.status() == unknown);
  CHECK(world.timeouts.front() == seconds{2});
}

TEST_CASE("a signal ends it, with what the last whole run found") {
  WaitWorld world{.answers = {degraded}};
  const auto run = ok(wait_for_checks(
      [&](const RunBounds& bounds) {
        if (world.timeouts.size() == 2) world.stop = true;
        return world.run(bounds);
      },
      {.within = seconds{60},
       .run_timeout = seconds{30},
       .is_good = [](const CheckRun&) { return false; },
       .stop = [&] { return world.stop; }},
      world.clock));
  CHECK(world.timeouts.size() == 3);
  CHECK(!run.report.stopped);
  CHECK(run.report.results[0].message == "run 2");
}

TEST_CASE("an error of a run ends it") {
  ManualClock clock;
  int runs = 0;
  const auto waited = wait_for_checks(
      [&](const RunBounds&) -> Result<CheckRun> {
        ++runs;
        return fail(ErrorCode::config, "wrong");
      },
      {.within = seconds{60}, .run_timeout = seconds{30}, .is_good = {}}, clock);
  CHECK(code_of(waited) == ErrorCode::config);
  CHECK(runs == 1);
}

}  // namespace rz::runtime
