#include "rz/bench/run_benchmarks.h"

#include <algorithm>
#include <cmath>

namespace rz::bench {
namespace {

using std::chrono::nanoseconds;

// More than any machine does in a sample. Keeps the arithmetic in range if the clock stands still.
constexpr std::uint64_t kMaxIterations = 1'000'000'000;

/// One benchmark under way.
class BenchmarkRun {
 public:
  BenchmarkRun(const Benchmark& benchmark, const BenchOptions& options, Clock& clock)
      : benchmark_(benchmark), options_(options), clock_(clock) {
    measurement_.name = benchmark.name;
  }

  void prepare() {
    auto operation = benchmark_.setup();
    if (!operation) {
      measurement_.error = std::move(operation).error();
      return;
    }
    operation_ = std::move(*operation);
    calibrate();
  }

  bool wants_more() const {
    if (measurement_.error || measurement_.iterations == 0) return false;
    const auto taken = static_cast<int>(measurement_.samples.size());
    return taken == 0 || (taken < options_.samples && spent_ < options_.time_limit);
  }

  void sample() {
    const auto time = measure(measurement_.iterations);
    if (!time) return;
    spent_ += *time;
    measurement_.samples.push_back(static_cast<double>(time->count()) /
                                   static_cast<double>(measurement_.iterations));
  }

  Measurement take() { return std::move(measurement_); }

 private:
  // Doubles the iterations until a run is long enough to measure, then scales them to the time of a
  // sample. These runs are the warm-up too.
  void calibrate() {
    std::uint64_t iterations = 1;
    nanoseconds warm{0};
    while (true) {
      const auto time = measure(iterations);
      if (!time) return;
      warm += *time;
      // A shorter run is too imprecise to scale from: any interruption would count too much.
      const bool judged = *time >= options_.sample_time / 2;
      const bool warmed = warm >= options_.warm_up || options_.stop();
      if ((judged && warmed) || iterations >= kMaxIterations) {
        measurement_.iterations = scaled(iterations, *time);
        return;
      }
      if (!judged) iterations = std::min(iterations * 2, kMaxIterations);
    }
  }

  std::uint64_t scaled(std::uint64_t iterations, nanoseconds time) const {
    if (time.count() <= 0) return iterations;
    const double wanted = static_cast<double>(iterations) *
                          static_cast<double>(options_.sample_time.count()) /
                          static_cast<double>(time.count());
    return static_cast<std::uint64_t>(
        std::clamp(std::round(wanted), 1.0, static_cast<double>(kMaxIterations)));
  }

  /// Nothing if the operation failed.
  std::optional<nanoseconds> measure(std::uint64_t iterations) {
    const nanoseconds start = clock_.monotonic();
    auto done = operation_(iterations);
    const nanoseconds time = clock_.monotonic() - start;
    if (!done) {
      measurement_.error = std::move(done).error();
      return std::nullopt;
    }
    return time;
  }

  const Benchmark& benchmark_;
  const BenchOptions& options_;
  Clock& clock_;
  Operation operation_;
  Measurement measurement_;
  nanoseconds spent_{0};
};

}  // namespace

std::vector<Measurement> run_benchmarks(const std::vector<Benchmark>& benchmarks,
                                        const BenchOptions& options, Clock& clock) {
  std::vector<BenchmarkRun> runs;
  runs.reserve(benchmarks.size());
  for (const Benchmark& benchmark : benchmarks) runs.emplace_back(benchmark, options, clock);
  for (BenchmarkRun& run : runs) {
    if (options.stop()) break;
    run.prepare();
  }

  for (bool more = true; more && !options.stop();) {
    more = false;
    for (BenchmarkRun& run : runs) {
      if (!run.wants_more()) continue;
      run.sample();
      more = true;
    }
  }

  std::vector<Measurement> all;
  for (BenchmarkRun& run : runs) all.push_back(run.take());
  return all;
}

}  // namespace rz::bench
