#include "rz/bench/run_benchmarks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/bench/machine_probe.h"

namespace rz::bench {
namespace {

using namespace std::chrono_literals;

/// A benchmark of which each iteration takes `cost` of the clock, and writes its name to `order`.
Benchmark costs(ManualClock& clock, std::string name, Micros cost,
                std::vector<std::string>* order = nullptr) {
  return {.name = name, .setup = [&clock, name, cost, order]() -> Result<Operation> {
            return Operation([&clock, name, cost, order](std::uint64_t n) -> Result<void> {
              clock.advance(cost * static_cast<std::int64_t>(n));
              if (order) order->push_back(name);
              return {};
            });
          }};
}

/// Stops once `stop` is true.
std::function<bool(const RunProgress&)> told_by(const bool& stop) {
  return [&stop](const RunProgress&) { return stop; };
}

TEST_CASE("a sample has as many iterations as fill its time, a round as many samples") {
  ManualClock clock;
  const auto all = run_benchmarks({costs(clock, "a", 3us)}, {.rounds = 5}, clock);
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "a");
  CHECK(all[0].unit == "ns");
  CHECK(all[0].iterations == 333);
  CHECK(all[0].per_round == 8);
  CHECK(all[0].samples == std::vector<double>(40, 3000.0));
  CHECK_FALSE(all[0].error);
}

TEST_CASE("what holds up runs of the warm-up makes no smaller batches") {
  ManualClock clock;
  int runs = 0;
  const Benchmark held_up{.name = "a", .setup = [&]() -> Result<Operation> {
                            return Operation([&](std::uint64_t n) -> Result<void> {
                              clock.advance(Micros(3) * static_cast<std::int64_t>(n));
                              if (++runs % 3 == 0) clock.advance(20ms);
                              return {};
                            });
                          }};
  const auto all = run_benchmarks({held_up}, {.rounds = 1}, clock);
  CHECK(all[0].iterations == 333);
  CHECK(all[0].per_round == 8);
}

TEST_CASE("what is compared with a run that was kept is measured in batches like its own") {
  const std::vector<Measurement> kept = {
      {.name = "a", .iterations = 100, .per_round = 3, .samples = {1}, .probes = {1}},
      {.name = "foreign", .iterations = 100, .per_round = 1, .samples = {1}},
      {.name = "failed", .iterations = 0, .probes = {1}},
  };
  const auto batches = batches_of(kept);
  REQUIRE(batches.size() == 1);
  ManualClock clock;
  auto all = run_benchmarks({costs(clock, "a", 4us)}, {.rounds = 2, .batches = batches}, clock);
  CHECK(all[0].iterations == 100);
  CHECK(all[0].samples == std::vector<double>(6, 4000.0));
  // A hundred iterations of it would take ten times as long as a sample should.
  all = run_benchmarks({costs(clock, "a", 200us)}, {.rounds = 2, .batches = batches}, clock);
  CHECK(all[0].iterations == 5);
  CHECK(all[0].per_round == 8);
  // Whatever a file says, a round has an end.
  all = run_benchmarks({costs(clock, "a", 1us)},
                       {.rounds = 1, .batches = {{"a", {1'000, 1'000'000'000}}}}, clock);
  CHECK(all[0].samples.size() == 50);
}

TEST_CASE("the warm-up is of so much time, or of so many runs") {
  ManualClock clock;
  std::vector<std::string> order;
  Benchmark slow = costs(clock, "slow", 10ms, &order);
  slow.single = true;
  BenchOptions options{.rounds = 1, .round_time = 10ms};
  (void)run_benchmarks({slow}, options, clock);
  CHECK(order.size() == 5 + 1);
  order.clear();
  options.warm_up_runs = 2;
  (void)run_benchmarks({slow}, options, clock);
  CHECK(order.size() == 2 + 1);
  order.clear();
  // One tells how long it takes.
  options.warm_up_runs = 0;
  (void)run_benchmarks({slow}, options, clock);
  CHECK(order.size() == 1 + 1);
}

TEST_CASE("what takes longer than a sample runs once a round, within its time limit") {
  ManualClock clock;
  const BenchOptions options{.rounds = 100, .time_limit = 3s};
  const auto all = run_benchmarks({costs(clock, "slow", 1s)}, options, clock);
  CHECK(all[0].iterations == 1);
  CHECK(all[0].per_round == 1);
  CHECK(all[0].samples.size() == 3);
  const auto hour = run_benchmarks({costs(clock, "slower", 3600s)}, options, clock);
  CHECK(hour[0].samples.size() == 1);
}

TEST_CASE(
    "rounds are added until the least time is filled, past the limit of time if it is longer") {
  ManualClock clock;
  const BenchOptions options{.rounds = 2, .min_time = 1s, .time_limit = 500ms};
  const auto all = run_benchmarks({costs(clock, "a", 1ms)}, options, clock);
  CHECK(all[0].samples.size() == 1000);
  // Something that takes no time ends, too.
  const auto free = run_benchmarks({costs(clock, "free", 0us)}, options, clock);
  CHECK(free[0].samples.size() == 10'000);
}

TEST_CASE("a single one is one iteration a sample, however short") {
  ManualClock clock;
  Benchmark single = costs(clock, "single", 100us);
  single.single = true;
  const auto all = run_benchmarks({single}, {.rounds = 3}, clock);
  CHECK(all[0].iterations == 1);
  CHECK(all[0].per_round == 50);
  CHECK(all[0].samples == std::vector<double>(150, 1e5));
}

TEST_CASE("what is to be done before a sample is done before each, and is not in its time") {
  ManualClock clock;
  int calls = 0;
  Benchmark prepared = costs(clock, "prepared", 1ms);
  prepared.before_sample = [&]() -> Result<void> {
    ++calls;
    clock.advance(5ms);
    return {};
  };
  const auto all = run_benchmarks({prepared}, {.rounds = 2, .warm_up = 0ms}, clock);
  CHECK(all[0].samples == std::vector<double>(16, 1e6));
  CHECK(calls == 17);
  prepared.before_sample = []() -> Result<void> { return fail(ErrorCode::not_found, "gone"); };
  const auto failed = run_benchmarks({prepared}, {.rounds = 2}, clock);
  REQUIRE(failed[0].error);
  CHECK(failed[0].error->message == "gone");
}

TEST_CASE("the warm-up is not among the samples") {
  ManualClock clock;
  int runs = 0;
  const Benchmark cold{.name = "cold", .setup = [&]() -> Result<Operation> {
                         return Operation([&](std::uint64_t n) -> Result<void> {
                           clock.advance((runs++ == 0 ? 40ms : 10ms) * static_cast<int>(n));
                           return {};
                         });
                       }};
  const auto all = run_benchmarks({cold}, {.rounds = 4}, clock);
  CHECK(all[0].samples == std::vector<double>(4, 1e7));
}

TEST_CASE("rounds go through all benchmarks in turn") {
  ManualClock clock;
  std::vector<std::string> order;
  const BenchOptions options{.rounds = 3, .warm_up = 0ms};
  run_benchmarks({costs(clock, "a", 10ms, &order), costs(clock, "b", 10ms, &order)}, options,
                 clock);
  const std::vector<std::string> expected = {"a", "b", "a", "b", "a", "b", "a", "b"};
  CHECK(order == expected);
}

TEST_CASE("a clock that stands still ends nowhere but at the end") {
  ManualClock clock;
  const auto all = run_benchmarks({costs(clock, "free", 0us)}, {.rounds = 2}, clock);
  CHECK(all[0].samples == std::vector<double>{0, 0});
}

TEST_CASE("one that fails keeps its error, and the others go on") {
  ManualClock clock;
  const Error error{ErrorCode::unavailable, "no server", "redis://x"};
  const Benchmark unready{.name = "unready",
                          .setup = [&]() -> Result<Operation> { return fail(error); }};
  int calls = 0;
  const Benchmark breaking{.name = "breaking", .setup = [&]() -> Result<Operation> {
                             return Operation([&](std::uint64_t n) -> Result<void> {
                               clock.advance(10ms * static_cast<int>(n));
                               // Five of the warm-up, two samples.
                               if (++calls == 8) return fail(error);
                               return {};
                             });
                           }};
  const auto all =
      run_benchmarks({unready, breaking, costs(clock, "good", 10ms)}, {.rounds = 4}, clock);
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
  const Benchmark stopper{.name = "stopper", .setup = [&]() -> Result<Operation> {
                            return Operation([&](std::uint64_t n) -> Result<void> {
                              clock.advance(10ms * static_cast<int>(n));
                              stop = ++runs >= 7;
                              return {};
                            });
                          }};
  BenchOptions options;
  options.stop = told_by(stop);
  const auto all = run_benchmarks({stopper, costs(clock, "other", 10ms)}, options, clock);
  CHECK(all[0].samples.size() == all[1].samples.size());
  CHECK(all[0].samples.size() == 2);
}

TEST_CASE("a stop before the first round leaves entries without samples") {
  ManualClock clock;
  BenchOptions options;
  options.stop = [](const RunProgress&) { return true; };
  const auto all = run_benchmarks({costs(clock, "a", 1ms)}, options, clock);
  REQUIRE(all.size() == 1);
  CHECK(all[0].samples.empty());
  CHECK_FALSE(all[0].error);
}

TEST_CASE("progress names each step: the preparation, and each round of each") {
  ManualClock clock;
  std::vector<std::string> steps;
  BenchOptions options{.rounds = 2, .warm_up = 0ms};
  options.stop = [&](const RunProgress& progress) {
    if (!progress.name.empty()) {
      steps.push_back(progress.name + std::to_string(progress.round) + "/" +
                      std::to_string(progress.rounds) + " " + std::to_string(progress.index) +
                      " of " + std::to_string(progress.count));
    }
    return false;
  };
  run_benchmarks({costs(clock, "a", 10ms), costs(clock, "b", 10ms)}, options, clock);
  const std::vector<std::string> expected = {"a0/2 0 of 2", "b0/2 1 of 2", "a1/2 0 of 2",
                                             "b1/2 1 of 2", "a2/2 0 of 2", "b2/2 1 of 2"};
  CHECK(steps == expected);
}

TEST_CASE("rounds are added while the machine is disturbed, as long as there is patience") {
  ManualClock clock;
  // Disturbed until its fortieth probe; two are made a round, and the worse counts.
  int probes = 0;
  BenchOptions options{.rounds = 5, .warm_up = 0ms};
  options.probe = [&] { return ++probes < 40 ? 200.0 : 100.0; };
  options.known_best_probe = 100;
  options.undisturbed = 3;
  options.patience = 3600s;
  const auto patient = run_benchmarks({costs(clock, "a", 1ms)}, options, clock);
  CHECK(patient[0].probes.size() == 23);
  CHECK(patient[0].samples.size() == 23 * 8);
  CHECK(patient[0].probes.front() == 200);
  CHECK(patient[0].probes.back() == 100);
  probes = 0;
  options.patience = 0s;
  CHECK(run_benchmarks({costs(clock, "a", 1ms)}, options, clock)[0].probes.size() == 5);
  // The machine's best is the best that was seen, where nothing is known of it.
  probes = 0;
  options.patience = 3600s;
  options.known_best_probe = 0;
  CHECK(run_benchmarks({costs(clock, "a", 1ms)}, options, clock)[0].probes.size() == 5);
}

TEST_CASE("a round of which every sample was interrupted counts as one on a slow machine") {
  ManualClock clock;
  std::int64_t interrupted = 0;
  int calls = 0;
  BenchOptions options{.rounds = 3, .warm_up = 0ms};
  options.probe = [] { return 100.0; };
  // Asked before and after each of eight samples of three rounds: all of the first round, one of
  // the second, none of the third.
  options.interruptions = [&] {
    const int sample = calls / 2;
    if (calls++ % 2 == 1 && (sample < 8 || sample == 12)) ++interrupted;
    return interrupted;
  };
  const auto all = run_benchmarks({costs(clock, "a", 1ms)}, options, clock);
  CHECK(all[0].probes == std::vector<double>{1000, 100, 100});
  // What takes long is always interrupted, and that says nothing.
  calls = 0;
  options.interruptions = [&] { return ++interrupted; };
  const auto slow = run_benchmarks({costs(clock, "slow", 50ms)}, options, clock);
  CHECK(slow[0].probes == std::vector<double>{100, 100, 100});
}

TEST_CASE("what a benchmark waits for is probed before and after each of its rounds") {
  ManualClock clock;
  double probes = 0;
  Benchmark waiting = costs(clock, "waiting", 1ms);
  waiting.wait_probe = [&] { return ++probes; };
  Benchmark unknown = costs(clock, "unknown", 1ms);
  unknown.wait_probe = [] { return 0.0; };
  BenchOptions options{.rounds = 2};
  options.probe = [] { return 100.0; };
  const auto all = run_benchmarks({waiting, unknown, costs(clock, "none", 1ms)}, options, clock);
  CHECK(all[0].wait_probes == std::vector<double>{1, 2, 3, 4});
  CHECK(all[1].wait_probes.empty());
  CHECK(all[2].wait_probes.empty());
  // Nothing is kept, so that nothing is to be told of the machine.
  options.probe = nullptr;
  CHECK(run_benchmarks({waiting}, options, clock)[0].wait_probes.empty());
}

TEST_CASE("the machine's own speed is measured") {
  const double probe = probe_machine();
  CHECK(probe > 0);
  CHECK(best_probe(Measurement{.name = "a", .probes = {30, 10, 20}}) == doctest::Approx(11));
  CHECK(best_probe(Measurement{}) == 0);
  CHECK(is_undisturbed(104, 100));
  CHECK_FALSE(is_undisturbed(106, 100));
}

/// Counts three for each microsecond of the clock.
class TripleCounter final : public Counter {
 public:
  explicit TripleCounter(const Clock& clock) : clock_(clock) {}
  std::string_view unit() const override { return kInstructions; }
  double read() override { return static_cast<double>(clock_.monotonic().count()) * 3 / 1000; }

 private:
  const Clock& clock_;
};

TEST_CASE("samples are in what the counter counts") {
  ManualClock clock;
  TripleCounter counter(clock);
  BenchOptions options{.rounds = 2};
  options.counter = &counter;
  const auto all = run_benchmarks({costs(clock, "a", 100us)}, options, clock);
  CHECK(all[0].unit == "instructions");
  CHECK(all[0].samples == std::vector<double>(16, 300.0));
}

TEST_CASE("the least of a round is what a comparison takes") {
  const Measurement measurement{.name = "a", .per_round = 3, .samples = {5, 4, 9, 7, 8, 6, 3}};
  CHECK(least_of_rounds(measurement) == std::vector<double>{4, 6, 3});
  CHECK(medians_of_rounds(measurement) == std::vector<double>{5, 7, 3});
  CHECK(least_of_rounds(measurement, 1) == std::vector<double>{5, 7, 3});
  CHECK(least_of_rounds(measurement, 0) == std::vector<double>{5, 7, 3});
  CHECK(least_of_rounds({}).empty());
}

TEST_CASE("processor time is that of this process: waiting costs none") {
  const auto counter = cpu_counter();
  CHECK(counter->unit() == "ns");
  const double before = counter->read();
  volatile std::uint64_t x = 1;
  for (int i = 0; i < 1'000'000; ++i) x = x * 3 + 1;
  const double worked = counter->read();
  CHECK(worked > before);
}

TEST_CASE("instructions are counted, or it is said why not") {
  const auto counter = instruction_counter();
  if (!counter) {
    const ErrorCode code = counter.error().code;
    CHECK((code == ErrorCode::auth || code == ErrorCode::unsupported));
    return;
  }
  CHECK((*counter)->unit() == "instructions");
  const double before = (*counter)->read();
  volatile std::uint64_t x = 1;
  for (int i = 0; i < 1'000'000; ++i) x = x * 3 + 1;
  CHECK((*counter)->read() - before > 1'000'000);
}

}  // namespace
}  // namespace rz::bench
