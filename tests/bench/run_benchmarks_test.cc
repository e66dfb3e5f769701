#include "rz/bench/run_benchmarks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace rz::bench {
namespace {

using namespace std::chrono_literals;

/// A benchmark of which each iteration takes `cost` of the clock, and writes its name to `order`.
Benchmark costs(ManualClock& clock, std::string name, Micros cost,
                std::vector<std::string>* order = nullptr) {
  return {name, [&clock, name, cost, order]() -> Result<Operation> {
            return Operation([&clock, name, cost, order](std::uint64_t n) -> Result<void> {
              clock.advance(cost * static_cast<std::int64_t>(n));
              if (order) order->push_back(name);
              return {};
            });
          }};
}

TEST_CASE("a sample has as many iterations as fill its time") {
  ManualClock clock;
  const auto all = run_benchmarks({costs(clock, "a", 3us)}, {.samples = 5}, clock);
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "a");
  CHECK(all[0].iterations == 3333);
  CHECK(all[0].samples == std::vector<double>(5, 3000.0));
  CHECK_FALSE(all[0].error);
}

TEST_CASE("what takes longer than a sample runs once a sample, within its time limit") {
  ManualClock clock;
  const BenchOptions options{.samples = 100, .time_limit = 3s};
  const auto all = run_benchmarks({costs(clock, "slow", 1s)}, options, clock);
  CHECK(all[0].iterations == 1);
  CHECK(all[0].samples.size() == 3);
  const auto hour = run_benchmarks({costs(clock, "slower", 3600s)}, options, clock);
  CHECK(hour[0].samples.size() == 1);
}

TEST_CASE("the warm-up is not among the samples") {
  ManualClock clock;
  int runs = 0;
  const Benchmark cold{"cold", [&]() -> Result<Operation> {
                         return Operation([&](std::uint64_t n) -> Result<void> {
                           clock.advance((runs++ == 0 ? 40ms : 10ms) * static_cast<int>(n));
                           return {};
                         });
                       }};
  const auto all = run_benchmarks({cold}, {.samples = 4}, clock);
  CHECK(all[0].samples == std::vector<double>(4, 1e7));
}

TEST_CASE("rounds go through all benchmarks in turn") {
  ManualClock clock;
  std::vector<std::string> order;
  const BenchOptions options{.samples = 3, .sample_time = 10ms, .warm_up = 0ms};
  run_benchmarks({costs(clock, "a", 10ms, &order), costs(clock, "b", 10ms, &order)}, options,
                 clock);
  const std::vector<std::string> expected = {"a", "b", "a", "b", "a", "b", "a", "b"};
  CHECK(order == expected);
}

TEST_CASE("a clock that stands still ends nowhere but at the end") {
  ManualClock clock;
  const auto all = run_benchmarks({costs(clock, "free", 0us)}, {.samples = 2}, clock);
  CHECK(all[0].samples == std::vector<double>{0, 0});
}

TEST_CASE("one that fails keeps its error, and the others go on") {
  ManualClock clock;
  const Error error{ErrorCode::unavailable, "no server", "redis://x"};
  const Benchmark unready{"unready", [&]() -> Result<Operation> { return fail(error); }};
  int calls = 0;
  const Benchmark breaking{"breaking", [&]() -> Result<Operation> {
                             return Operation([&](std::uint64_t n) -> Result<void> {
                               clock.advance(10ms * static_cast<int>(n));
                               // Five of the warm-up, two samples.
                               if (++calls == 8) return fail(error);
                               return {};
                             });
                           }};
  const auto all =
      run_benchmarks({unready, breaking, costs(clock, "good", 1ms)}, {.samples = 4}, clock);
  REQUIRE(all.size() == 3);
  CHECK(all[0].error == error);
  CHECK(all[0].samples.empty());
  CHECK(all[1].error == error);
  CHECK(all[1].samples.size() == 2);
  CHECK_FALSE(all[2].error);
  CHECK(all[2].samples.size() == 4);
}

TEST_CASE("a stop finishes the round, and keeps what there is") {
  ManualClock clock;
  bool stop = false;
  int runs = 0;
  const Benchmark stopper{"stopper", [&]() -> Result<Operation> {
                            return Operation([&](std::uint64_t n) -> Result<void> {
                              clock.advance(10ms * static_cast<int>(n));
                              stop = ++runs == 7;
                              stop = stop || runs > 7;
                              return {};
                            });
                          }};
  BenchOptions options;
  options.stop = [&] { return stop; };
  const auto all = run_benchmarks({stopper, costs(clock, "other", 10ms)}, options, clock);
  CHECK(all[0].samples.size() == all[1].samples.size());
  CHECK(all[0].samples.size() == 2);
}

TEST_CASE("a stop before the first round leaves entries without samples") {
  ManualClock clock;
  BenchOptions options;
  options.stop = [] { return true; };
  const auto all = run_benchmarks({costs(clock, "a", 1ms)}, options, clock);
  REQUIRE(all.size() == 1);
  CHECK(all[0].samples.empty());
  CHECK_FALSE(all[0].error);
}

}  // namespace
}  // namespace rz::bench
