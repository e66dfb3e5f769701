#include "rz/bench/run_benchmarks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

namespace rz::bench {
namespace {

using std::chrono::nanoseconds;

// More than any machine does in a sample. Keeps the arithmetic in range if the clock stands still.
constexpr std::uint64_t kMaxIterations = 1'000'000'000;
constexpr double kMaxPerRound = 50;
// Adding rounds to fill the least time ends here, for something that takes no time at all.
constexpr int kMaxRounds = 10'000;

// What takes longer is interrupted now and then on the quietest of machines.
constexpr nanoseconds kAlwaysInterrupted = std::chrono::milliseconds(20);
constexpr double kHeldUpFactor = 10;

/// One benchmark under way.
class BenchmarkRun {
 public:
  BenchmarkRun(const Benchmark& benchmark, const BenchOptions& options, Counter& counter,
               Clock& clock)
      : benchmark_(benchmark), options_(options), counter_(counter), clock_(clock) {
    measurement_.name = benchmark.name;
    measurement_.unit = counter.unit();
  }

  void prepare(const std::function<bool()>& stop) {
    auto operation = benchmark_.setup();
    if (!operation) {
      measurement_.error = std::move(operation).error();
      return;
    }
    operation_ = std::move(*operation);
    calibrate(stop);
  }

  bool wants_more() const {
    if (is_over()) return false;
    if (rounds_ == 0) return true;
    if (rounds_ >= kMaxRounds || spent_ >= std::max(options_.time_limit, options_.min_time)) {
      return false;
    }
    return rounds_ < options_.rounds || spent_ < options_.min_time;
  }

  /// Whether it failed, or never began.
  bool is_over() const { return measurement_.error || measurement_.iterations == 0; }

  /// Whether it has fewer rounds than it should have in which nothing else held the machine up.
  bool is_disturbed(double best) const {
    const auto undisturbed =
        std::count_if(measurement_.probes.begin(), measurement_.probes.end(),
                      [best](double probe) { return is_undisturbed(probe, best); });
    return !is_over() && rounds_ < kMaxRounds && undisturbed < options_.undisturbed;
  }

  void run_round() {
    ++rounds_;
    const double before = options_.probe ? options_.probe() : 0;
    probe_what_it_waits_for();
    bool held_up = options_.interruptions != nullptr;
    for (std::size_t i = 0; i < measurement_.per_round; ++i) {
      const std::int64_t count = options_.interruptions ? options_.interruptions() : 0;
      if (!take_sample()) return;
      const bool interrupted = options_.interruptions && options_.interruptions() != count;
      held_up = held_up && interrupted && least_time_ < kAlwaysInterrupted;
    }
    if (!options_.probe) return;
    probe_what_it_waits_for();
    const double probe = std::max(before, options_.probe());
    measurement_.probes.push_back(held_up ? kHeldUpFactor * probe : probe);
  }

  double last_probe() const { return measurement_.probes.empty() ? 0 : measurement_.probes.back(); }

  int rounds() const { return rounds_; }
  Measurement take() { return std::move(measurement_); }

 private:
  struct Reading {
    nanoseconds time;
    double count;
  };

  // Doubles the iterations until a run is long enough to measure, then scales them to the time of a
  // sample. These runs are the warm-up too. What an iteration takes is the least of all runs: one
  // that something else held up would make batches of too few iterations, which are never warm.
  void calibrate(const std::function<bool()>& stop) {
    std::uint64_t iterations = 1;
    double least = std::numeric_limits<double>::infinity();
    nanoseconds warm{0};
    std::uint64_t runs = 0;
    while (true) {
      const auto reading = measure(iterations);
      if (!reading) return;
      warm += reading->time;
      runs += iterations;
      if (reading->time.count() > 0) {
        least = std::min(least, nanoseconds_of(reading->time) / static_cast<double>(iterations));
      }
      // A shorter run is too imprecise to scale from: reading the clock would count too much.
      const double expected = least * static_cast<double>(iterations);
      const bool judged =
          benchmark_.single ||
          (std::isfinite(least) && expected >= nanoseconds_of(options_.sample_time) / 2);
      const bool enough =
          options_.warm_up_runs ? runs >= *options_.warm_up_runs : warm >= options_.warm_up;
      const bool warmed = enough || stop();
      if ((judged && warmed) || iterations >= kMaxIterations) {
        measurement_.iterations = iterations;
        choose_batch(least);
        return;
      }
      if (!judged) iterations = std::min(iterations * 2, kMaxIterations);
    }
  }

  static double nanoseconds_of(nanoseconds time) { return static_cast<double>(time.count()); }

  /// Whether the batch was chosen for something about as long. What takes ten times as long now is
  /// slower beyond doubt, and would be measured for hours.
  bool still_fits(const Batch& batch, double each) const {
    const double iterations = static_cast<double>(batch.iterations);
    return batch.iterations == 1 || each * iterations <= 10 * nanoseconds_of(options_.sample_time);
  }

  /// `each` is the time of an iteration; infinite: the clock stands still.
  void choose_batch(double each) {
    const auto known = options_.batches.find(benchmark_.name);
    if (known != options_.batches.end() && still_fits(known->second, each)) {
      measurement_.iterations = known->second.iterations;
      measurement_.per_round =
          std::min(known->second.per_round, static_cast<std::size_t>(kMaxPerRound));
      return;
    }
    if (!std::isfinite(each)) return;
    const double wanted = std::round(nanoseconds_of(options_.sample_time) / each);
    const double most = benchmark_.single ? 1 : static_cast<double>(kMaxIterations);
    const double batch = std::clamp(wanted, 1.0, most);
    measurement_.iterations = static_cast<std::uint64_t>(batch);
    const double per_round = std::round(nanoseconds_of(options_.round_time) / (each * batch));
    measurement_.per_round = static_cast<std::size_t>(std::clamp(per_round, 1.0, kMaxPerRound));
  }

  void probe_what_it_waits_for() {
    if (!options_.probe || !benchmark_.wait_probe) return;
    const double probe = benchmark_.wait_probe();
    // What cannot be probed tells nothing.
    if (probe > 0) measurement_.wait_probes.push_back(probe);
  }

  bool take_sample() {
    const auto reading = measure(measurement_.iterations);
    if (!reading) return false;
    spent_ += reading->time;
    least_time_ = std::min(least_time_, reading->time);
    measurement_.samples.push_back(reading->count / static_cast<double>(measurement_.iterations));
    return true;
  }

  /// Nothing if the operation failed.
  std::optional<Reading> measure(std::uint64_t iterations) {
    auto ready = benchmark_.before_sample ? benchmark_.before_sample() : Result<void>();
    const nanoseconds start = clock_.monotonic();
    const double before = counter_.read();
    auto done = ready ? operation_(iterations) : std::move(ready);
    const double after = counter_.read();
    const nanoseconds time = clock_.monotonic() - start;
    if (done) return Reading{time, after - before};
    measurement_.error = std::move(done).error();
    return std::nullopt;
  }

  const Benchmark& benchmark_;
  const BenchOptions& options_;
  Counter& counter_;
  Clock& clock_;
  Operation operation_;
  Measurement measurement_;
  int rounds_ = 0;
  nanoseconds spent_{0};
  nanoseconds least_time_ = nanoseconds::max();  ///< Of a sample.
};

/// All of them, from the preparation to the last round.
class Rounds {
 public:
  Rounds(const std::vector<Benchmark>& benchmarks, const BenchOptions& options, Counter& counter,
         Clock& clock)
      : benchmarks_(benchmarks),
        options_(options),
        clock_(clock),
        best_probe_(options.known_best_probe) {
    runs_.reserve(benchmarks.size());
    for (const Benchmark& benchmark : benchmarks) {
      runs_.emplace_back(benchmark, options, counter, clock);
    }
  }

  void prepare() {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const RunProgress progress{benchmarks_[i].name, 0, options_.rounds, i, runs_.size()};
      const auto stop = [&] { return options_.stop(progress); };
      if (stop()) return;
      runs_[i].prepare(stop);
    }
  }

  /// The rounds that were asked for, and then those that a busy machine makes necessary.
  void run() {
    bool more = true;
    while (more && !stopped()) {
      more = run_round([](const BenchmarkRun& run) { return run.wants_more(); });
    }
    if (!options_.probe) return;
    const nanoseconds end = clock_.monotonic() + options_.patience;
    more = true;
    while (more && !stopped() && clock_.monotonic() < end) {
      more = run_round([&](const BenchmarkRun& run) { return run.is_disturbed(best_probe_); });
      if (more) clock_.sleep_for(kPause);
    }
  }

  std::vector<Measurement> take() {
    std::vector<Measurement> all;
    for (BenchmarkRun& run : runs_) all.push_back(run.take());
    return all;
  }

 private:
  // While other programs run, measuring does not hold them up more than it must.
  static constexpr Micros kPause{20'000};

  bool stopped() const { return options_.stop({"", 0, options_.rounds, 0, runs_.size()}); }

  /// A round of each that wants one; whether any did.
  bool run_round(const std::function<bool(const BenchmarkRun&)>& wants) {
    bool more = false;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!wants(runs_[i])) continue;
      // Told for its progress; a round that has begun is ended, so that all have the same rounds.
      (void)options_.stop(
          {benchmarks_[i].name, runs_[i].rounds() + 1, options_.rounds, i, runs_.size()});
      runs_[i].run_round();
      note_probe(runs_[i].last_probe());
      more = true;
    }
    return more;
  }

  void note_probe(double probe) {
    if (probe > 0 && (best_probe_ == 0 || probe < best_probe_)) best_probe_ = probe;
  }

  const std::vector<Benchmark>& benchmarks_;
  const BenchOptions& options_;
  Clock& clock_;
  std::vector<BenchmarkRun> runs_;
  double best_probe_;  ///< So far; 0: there was none.
};

}  // namespace

std::map<std::string, Batch> batches_of(const std::vector<Measurement>& measurements) {
  std::map<std::string, Batch> batches;
  for (const Measurement& one : measurements) {
    // Files of other programs have no rounds of several samples, and no probes.
    if (one.probes.empty() || one.samples.empty() || one.iterations == 0) continue;
    batches[one.name] = {one.iterations, one.per_round};
  }
  return batches;
}

std::vector<Measurement> run_benchmarks(const std::vector<Benchmark>& benchmarks,
                                        const BenchOptions& options, Clock& clock) {
  const auto own = options.counter == nullptr ? time_counter(clock) : nullptr;
  Counter& counter = own ? *own : *options.counter;
  Rounds rounds(benchmarks, options, counter, clock);
  rounds.prepare();
  rounds.run();
  return rounds.take();
}

}  // namespace rz::bench
