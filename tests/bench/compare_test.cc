#include "rz/bench/compare.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace rz::bench {
namespace {

/// Samples about `level` that vary by 1 %, in an order that has no trend.
std::vector<double> about(double level, int count) {
  std::vector<double> samples;
  for (int i = 0; i < count; ++i) samples.push_back(level * (1 + 0.0025 * (i * 7 % 9 - 4)));
  return samples;
}

/// On a machine that was the same all the time.
Measurement measured(const std::string& name, std::vector<double> samples) {
  std::vector<double> probes(samples.size(), 30'000);
  return {
      .name = name, .iterations = 1, .samples = std::move(samples), .probes = std::move(probes)};
}

BenchRun run_of(std::vector<Measurement> measurements) {
  BenchRun run;
  run.name = "f";
  run.machine = Value::object({{"cpu", "X"}, {"cores", 2}});
  run.measurements = std::move(measurements);
  return run;
}

Comparison compared(const BenchRun& before, const BenchRun& now, const Limits& limits = {}) {
  auto comparison = compare(before, now, limits);
  REQUIRE(comparison);
  return *comparison;
}

BenchmarkChange change_of(std::vector<double> before, std::vector<double> now) {
  return compared(run_of({measured("a", std::move(before))}),
                  run_of({measured("a", std::move(now))}))
      .changes.at(0);
}

TEST_CASE("a slowdown past the limit is a failure, one past the lower limit a warning") {
  const BenchmarkChange third = change_of(about(100, 30), about(130, 30));
  CHECK(third.before == doctest::Approx(100));
  CHECK(third.now == doctest::Approx(130));
  CHECK(third.ratio == doctest::Approx(1.3));
  CHECK(third.interval.contains(1.3));
  CHECK(third.verdict == Verdict::slower);
  CHECK(third.severity == Severity::failure);
  CHECK(third.effect > 3);
  CHECK(change_of(about(100, 30), about(115, 30)).severity == Severity::warning);
  const BenchmarkChange small = change_of(about(100, 30), about(105, 30));
  CHECK(small.verdict == Verdict::slower);
  CHECK(small.severity == Severity::none);
}

TEST_CASE("faster and the same are told, and are nothing to do about") {
  const BenchmarkChange faster = change_of(about(100, 30), about(70, 30));
  CHECK(faster.verdict == Verdict::faster);
  CHECK(faster.severity == Severity::none);
  const BenchmarkChange same = change_of(about(100, 30), about(100.1, 30));
  CHECK(same.verdict == Verdict::same);
  CHECK(same.why.empty());
}

TEST_CASE("a limit is passed only by the whole interval") {
  // A median of 1.25 times as much, in samples that lie anywhere from 1 to 1.6.
  std::vector<double> wide;
  for (int i = 0; i < 30; ++i) wide.push_back(100 + i * 17 % 30 * 2.0);
  const BenchmarkChange change = change_of(about(100, 30), wide);
  CHECK(change.ratio > 1.2);
  CHECK(change.interval.low < 1.2);
  CHECK(change.severity != Severity::failure);
}

TEST_CASE("few rounds are inconclusive, and it is said how many are needed") {
  const BenchmarkChange three = change_of(about(100, 3), about(200, 3));
  CHECK(three.verdict == Verdict::inconclusive);
  CHECK(three.severity == Severity::none);
  CHECK(three.why == "needs at least 4 rounds");
  CHECK(three.needed == 4);
  CHECK(change_of(about(100, 4), about(200, 4)).verdict == Verdict::slower);
}

TEST_CASE("many benchmarks need more rounds each, and more than chance to be slower") {
  std::vector<Measurement> before;
  std::vector<Measurement> now;
  for (int i = 0; i < 40; ++i) {
    before.push_back(measured("b" + std::to_string(i), about(100, 5)));
    now.push_back(measured("b" + std::to_string(i), about(200, 5)));
  }
  const Comparison comparison = compared(run_of(before), run_of(now));
  CHECK(comparison.changes.size() == 40);
  CHECK(comparison.count(Verdict::inconclusive) == 40);
  CHECK(comparison.changes[7].needed == 7);
  CHECK(*comparison.changes[0].p_adjusted >= *comparison.changes[0].p);
}

TEST_CASE("noise without a difference is inconclusive, with about how many rounds would tell") {
  std::vector<double> noisy;
  for (int i = 0; i < 20; ++i) noisy.push_back(100 + i * 7 % 20 * 5.0);
  const BenchmarkChange change = change_of(noisy, noisy);
  CHECK(change.verdict == Verdict::inconclusive);
  CHECK(change.needed > 20);
  CHECK(change.why == "needs about " + std::to_string(change.needed) + " rounds");
}

TEST_CASE("the least of each round is compared, so that other work does not count") {
  // Every second sample was interrupted in the run that is now.
  Measurement before = measured("a", about(100, 60));
  Measurement now = before;
  before.per_round = now.per_round = 2;
  for (std::size_t i = 0; i < now.samples.size(); i += 2) now.samples[i] *= 3;
  const Comparison comparison = compared(run_of({before}), run_of({now}));
  CHECK(comparison.changes[0].severity == Severity::none);
  CHECK(comparison.changes[0].verdict != Verdict::slower);
}

TEST_CASE("of rounds of more samples no more count than the other run has in a round") {
  // The least of four is lower than that of two, of the same program.
  Measurement before = measured("a", {});
  Measurement now = measured("a", {});
  before.per_round = 4;
  now.per_round = 2;
  for (int i = 0; i < 30; ++i) {
    for (const double sample : {130.0, 140.0, 100.0, 120.0}) {
      before.samples.push_back(sample + i % 5);
    }
    for (const double sample : {130.0, 140.0}) now.samples.push_back(sample + i % 5);
    before.probes.push_back(30'000);
    now.probes.push_back(30'000);
  }
  CHECK(compared(run_of({before}), run_of({now})).changes[0].verdict == Verdict::same);
}

TEST_CASE("a round of one sample is compared with the median of a round of several") {
  const Measurement before = measured("a", about(100, 30));
  Measurement now = measured("a", {});
  now.per_round = 3;
  for (int i = 0; i < 30; ++i) {
    now.probes.push_back(30'000);
    for (const double sample : {90.0, 130.0, 140.0}) now.samples.push_back(sample + i % 3);
  }
  CHECK(compared(run_of({before}), run_of({now})).changes[0].ratio == doctest::Approx(1.31));
}

TEST_CASE("what the machine itself became slower by is taken off") {
  const std::vector<Measurement> before = {measured("a", about(100, 30)),
                                           measured("reference/compute", about(10, 30))};
  std::vector<Measurement> now = {measured("a", about(130, 30)),
                                  measured("reference/compute", about(13, 30))};
  const Comparison slower_machine = compared(run_of(before), run_of(now));
  REQUIRE(slower_machine.changes.size() == 1);
  REQUIRE(slower_machine.drifts.size() == 1);
  CHECK(slower_machine.drifts[0].ratio == doctest::Approx(1.3));
  CHECK(slower_machine.changes[0].severity == Severity::none);
  CHECK(slower_machine.changes[0].verdict == Verdict::inconclusive);
  CHECK(slower_machine.changes[0].why == "the machine itself may have changed as much");
  // A faster machine does not make a slowdown out of what became no slower.
  now[0] = measured("a", about(100, 30));
  now[1] = measured("reference/compute", about(5, 30));
  CHECK(compared(run_of(before), run_of(now)).changes[0].verdict == Verdict::same);
}

/// So many rounds at each of these speeds of the machine, and what takes as much longer.
Measurement on_machine(double level, const std::vector<double>& speeds, int each) {
  Measurement measurement = measured("a", {});
  for (const double speed : speeds) {
    for (const double sample : about(level, each)) {
      measurement.samples.push_back(sample * speed);
      measurement.probes.push_back(30'000 * speed);
    }
  }
  return measurement;
}

TEST_CASE("rounds in which the machine was held up are left out") {
  // Of the baseline half, of the run that is now most.
  const Measurement before = on_machine(100, {1, 1.8}, 15);
  const Measurement same = on_machine(100, {1.8, 1, 1.8, 1.7}, 10);
  const BenchmarkChange unchanged = compared(run_of({before}), run_of({same})).changes.at(0);
  CHECK(unchanged.ratio == doctest::Approx(1).epsilon(0.01));
  CHECK(unchanged.machine == Interval{1, 1});
  CHECK(unchanged.verdict == Verdict::same);
  const Measurement slower = on_machine(130, {1.8, 1, 1.8, 1.7}, 10);
  const BenchmarkChange change = compared(run_of({before}), run_of({slower})).changes.at(0);
  CHECK(change.ratio == doctest::Approx(1.3).epsilon(0.01));
  CHECK(change.severity == Severity::failure);
}

TEST_CASE("where the machine was held up all the time, as much is taken off") {
  const Measurement before = on_machine(100, {1}, 30);
  const BenchmarkChange busy =
      compared(run_of({before}), run_of({on_machine(100, {1.8}, 30)})).changes.at(0);
  CHECK(busy.machine.high == doctest::Approx(1.8));
  CHECK(busy.verdict == Verdict::inconclusive);
  CHECK(busy.severity == Severity::none);
  CHECK(busy.why == "the machine itself may have changed as much");
  // What became three times as slow cannot be due to that alone.
  const BenchmarkChange thrice =
      compared(run_of({before}), run_of({on_machine(300, {1.8}, 30)})).changes.at(0);
  CHECK(thrice.severity == Severity::failure);
  // A baseline of a busy machine hides what became slower; it does not make it faster.
  const BenchmarkChange hidden =
      compared(run_of({on_machine(100, {1.8}, 30)}), run_of({before})).changes.at(0);
  CHECK(hidden.verdict == Verdict::inconclusive);
}

TEST_CASE("a benchmark's own noise must be passed, too") {
  Measurement before = measured("a", about(100, 30));
  before.noise = 0.5;
  const Comparison noisy = compared(run_of({before}), run_of({measured("a", about(130, 30))}));
  CHECK(noisy.changes[0].verdict == Verdict::slower);
  CHECK(noisy.changes[0].severity == Severity::none);
  before.noise = 0.1;
  CHECK(compared(run_of({before}), run_of({measured("a", about(130, 30))})).changes[0].severity ==
        Severity::failure);
}

TEST_CASE("another machine leaves everything open") {
  const BenchRun before = run_of({measured("a", about(100, 30))});
  BenchRun now = run_of({measured("a", about(200, 30))});
  now.machine.set("cpu", "Y");
  const Comparison comparison = compared(before, now);
  CHECK(comparison.other_machine);
  CHECK(comparison.count(Severity::failure) == 0);
  CHECK(comparison.changes[0].why == "measured on another machine");
}

TEST_CASE(
    "instructions are counted: whatever both sides could have been is compared, on any machine") {
  BenchRun before = run_of({measured("a", {1000, 1001, 1000})});
  BenchRun now = run_of({measured("a", {1300, 1302, 1300})});
  for (BenchRun* run : {&before, &now}) {
    run->counter = "instructions";
    run->measurements[0].unit = kInstructions;
  }
  now.machine.set("cpu", "Y");
  const BenchmarkChange change = compared(before, now).changes.at(0);
  CHECK_FALSE(change.p);
  CHECK(change.interval.low == doctest::Approx(1300.0 / 1001));
  CHECK(change.interval.high == doctest::Approx(1302.0 / 1000));
  CHECK(change.severity == Severity::failure);
  now.measurements[0].samples = {1000};
  CHECK(compared(before, now).changes[0].verdict == Verdict::same);
}

TEST_CASE("a baseline without samples is judged by what it says of them") {
  Measurement before{.name = "a", .moments = Moments{100, 5, 50}};
  const Comparison slower = compared(run_of({before}), run_of({measured("a", about(140, 30))}));
  CHECK(slower.changes[0].severity == Severity::failure);
  CHECK(slower.changes[0].interval.contains(1.4));
  const Comparison same = compared(run_of({before}), run_of({measured("a", about(100, 30))}));
  CHECK(same.changes[0].verdict == Verdict::same);
  before.moments = Moments{100, 0, 1};
  const Comparison one = compared(run_of({before}), run_of({measured("a", about(140, 30))}));
  CHECK(one.changes[0].verdict == Verdict::inconclusive);
  CHECK(one.changes[0].why == "needs at least 2 rounds");
  CHECK(one.changes[0].needed == 2);
}

/// As a file of hyperfine has it.
Measurement without_probes(std::vector<double> samples) {
  return {.name = "a", .iterations = 1, .samples = std::move(samples)};
}

TEST_CASE(
    "a baseline that does not tell how fast its machine was is judged all the same, and said") {
  const BenchRun before = run_of({without_probes(about(100, 30))});
  const Comparison comparison = compared(before, run_of({measured("a", about(150, 30))}));
  CHECK(comparison.unknown_machine);
  CHECK(comparison.changes[0].severity == Severity::failure);
  const BenchRun probed = run_of({measured("a", about(100, 30))});
  CHECK_FALSE(compared(probed, probed).unknown_machine);
}

TEST_CASE("beside such a baseline a busy machine of this run leaves everything open") {
  const BenchRun before = run_of({without_probes(about(100, 30))});
  // An unchanged program on a machine that is up to four times as slow.
  Measurement now = measured("a", {});
  for (int i = 0; i < 30; ++i) {
    const double speed = i % 6 == 0 ? 1 : 4;
    now.samples.push_back(100 * speed);
    now.probes.push_back(30'000 * speed);
  }
  const BenchmarkChange change = compared(before, run_of({now})).changes.at(0);
  CHECK(change.ratio > 3);
  CHECK(change.verdict == Verdict::inconclusive);
  CHECK(change.severity == Severity::none);
}

TEST_CASE("a run without samples is compared, too") {
  const auto run = [](double mean) {
    return run_of({{.name = "a", .moments = Moments{mean, 5, 50}}});
  };
  const BenchmarkChange slower = compared(run(100), run(140)).changes.at(0);
  CHECK(slower.ratio == doctest::Approx(1.4));
  CHECK(slower.severity == Severity::failure);
  REQUIRE(slower.p);
  CHECK(compared(run(100), run(100)).changes.at(0).verdict == Verdict::same);
  const BenchRun samples = run_of({measured("a", about(100, 30))});
  CHECK(compared(samples, run(140)).changes.at(0).verdict == Verdict::slower);
}

TEST_CASE("what some processes of a run show is no difference between runs") {
  // Two processes of five are half as slow again for as long as they live, now three of them.
  const auto run = [](int slow) {
    Measurement measurement = measured("a", {});
    for (int process = 0; process < 5; ++process) {
      for (const double sample : about(process < slow ? 150 : 100, 6)) {
        measurement.samples.push_back(sample);
        measurement.probes.push_back(30'000);
      }
      measurement.process_rounds.push_back(6);
    }
    return run_of({measurement});
  };
  const BenchmarkChange change = compared(run(2), run(3)).changes.at(0);
  CHECK(change.ratio > 1.4);
  CHECK(change.severity == Severity::none);
  CHECK(change.verdict == Verdict::inconclusive);
  CHECK(compared(run(0), run(5)).changes.at(0).severity == Severity::failure);
}

/// `level`, on a disk that takes so long for a block.
BenchRun on_disk(double level, double disk, double spread) {
  Measurement measurement = measured("a", about(level, 30));
  for (int i = 0; i < 60; ++i) measurement.wait_probes.push_back(disk * (1 + spread * (i % 10)));
  return run_of({measurement});
}

TEST_CASE("what waits for the disk is charged with all that the disk varies by") {
  const BenchmarkChange slow_disk =
      compared(on_disk(100, 1e6, 0), on_disk(400, 4e6, 0)).changes.at(0);
  CHECK(slow_disk.waits.high == doctest::Approx(4));
  CHECK(slow_disk.verdict == Verdict::inconclusive);
  CHECK(slow_disk.why == "the machine or its disk may have changed as much");
  // One that varies by itself tells nothing of less than that.
  CHECK(compared(on_disk(100, 1e6, 0.3), on_disk(200, 1e6, 0.3)).changes.at(0).severity ==
        Severity::none);
  const BenchmarkChange steady = compared(on_disk(100, 1e6, 0), on_disk(130, 1e6, 0)).changes.at(0);
  CHECK(steady.severity == Severity::failure);
  const Comparison unknown =
      compared(run_of({measured("a", about(100, 30))}), on_disk(400, 1e6, 0));
  CHECK(unknown.changes[0].why == "one of the runs does not tell how fast the disk was");
}

TEST_CASE("the drift of the machine is that at its best, and less than a twentieth is none") {
  // Half of the rounds of the reference were disturbed now.
  Measurement held_up = measured("reference/cache", about(10, 30));
  for (std::size_t i = 0; i < held_up.samples.size(); i += 2) held_up.samples[i] *= 4;
  const std::vector<Measurement> before = {measured("a", about(100, 30)),
                                           measured("reference/cache", about(10, 30))};
  const Comparison disturbed =
      compared(run_of(before), run_of({measured("a", about(130, 30)), held_up}));
  CHECK_FALSE(disturbed.drifts[0].is_much());
  CHECK(disturbed.changes[0].severity == Severity::failure);
  const Comparison little = compared(
      run_of(before),
      run_of({measured("a", about(125, 30)), measured("reference/cache", about(10.4, 30))}));
  CHECK(little.changes[0].severity == Severity::failure);
}

TEST_CASE("it is rounds that are needed, of however many samples each") {
  Measurement before = measured("a", about(100, 44));
  before.per_round = 22;
  CHECK(compared(run_of({before}), run_of({before})).changes.at(0).why ==
        "needs at least 4 rounds");
}

TEST_CASE("figures of 0 have no ratio") {
  CHECK(change_of({0, 0, 0, 0, 0}, about(100, 5)).why == "a figure of it is 0");
  CHECK(change_of(about(100, 5), {0, 0, 0, 0, 0}).verdict == Verdict::inconclusive);
}

TEST_CASE("what only one of the runs has is named, and what counts something else is refused") {
  const BenchRun before = run_of({measured("a", about(1, 9)), measured("old", about(1, 9))});
  BenchRun now = run_of({measured("a", about(1, 9)), measured("new", about(1, 9))});
  const Comparison comparison = compared(before, now);
  CHECK(comparison.only_before == std::vector<std::string>{"old"});
  CHECK(comparison.only_now == std::vector<std::string>{"new"});
  now.counter = "cpu";
  const auto other = compare(before, now, {});
  REQUIRE_FALSE(other);
  CHECK(to_string(other.error()) ==
        "f: counts time, and this run cpu; measure with --counter time");
  BenchRun by_valgrind = before;
  by_valgrind.counter = "instructions";
  BenchRun by_processor = by_valgrind;
  by_valgrind.counted_by = kByValgrind;
  by_processor.counted_by = kByProcessor;
  CHECK(compare(by_valgrind, by_valgrind, {}));
  const auto otherwise = compare(by_valgrind, by_processor, {});
  REQUIRE_FALSE(otherwise);
  CHECK(to_string(otherwise.error()) ==
        "f: its instructions were counted by valgrind, and those of this run by processor, which "
        "does not count alike");
  const auto none = compare(before, run_of({measured("z", about(1, 9))}), {});
  REQUIRE_FALSE(none);
  CHECK(to_string(none.error()) == "f: has none of the benchmarks of this run");
}

TEST_CASE("the geometric mean is of all ratios") {
  const Comparison comparison =
      compared(run_of({measured("a", about(100, 9)), measured("b", about(100, 9))}),
               run_of({measured("a", about(200, 9)), measured("b", about(50, 9))}));
  CHECK(comparison.geometric_mean == doctest::Approx(1));
}

}  // namespace
}  // namespace rz::bench
