#include "sim/fleet.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rz/fallback/fallback_manager.h"
#include "sim/disk.h"
#include "sim/scheduler.h"
#include "sim/store.h"

namespace rz::sim {
namespace {

using std::chrono::seconds;

/// What happened in one phase.
struct Phase {
  std::string name;
  int calls = 0, commits = 0, conflicts = 0, errors = 0;
  int not_yet = 0;  ///< Answers with another mode: a better one waits for the votes of others.
  std::map<std::int64_t, int> calls_in_second{};
  TimePoint begun{};
  TimePoint agreed{};  ///< When the last host that did not have the new mode got it.
};

class Fleet {
 public:
  explicit Fleet(const FleetOptions& options)
      : options_(options), scheduler_(options.seed), server_(scheduler_) {
    server_.service = Micros{1'000'000 / options.calls_per_second};
  }

  void run() {
    const SimulatedCalls calls(scheduler_);
    std::printf("%d hosts, each every %d s%s; the store answers %d calls a second\n",
                options_.hosts, options_.interval_seconds, options_.at_once ? ", all at once" : "",
                options_.calls_per_second);
    phase("all is well, the store is new", Mode::primary);
    phase("all is well", Mode::primary);
    phase("two components fail everywhere", Mode::safe);
    phase("all is well again", Mode::primary);
    scheduler_.kill_all();
  }

 private:
  // Each host evaluates once.
  void phase(const char* name, Mode mode) {
    Phase phase{name};
    now_ = &phase;
    phase.begun = phase.agreed = scheduler_.now();
    for (int host = 0; host < options_.hosts; ++host) {
      const Micros at =
          options_.at_once
              ? Micros{scheduler_.random.between(0, 50'000)}
              : Micros{scheduler_.random.between(0, options_.interval_seconds * 1'000'000LL)};
      scheduler_.at(at, [this, host, mode] { start(host, mode); });
    }
    scheduler_.run(scheduler_.now() + seconds{options_.interval_seconds});
    scheduler_.run(scheduler_.now() + seconds{options_.interval_seconds});
    print(phase);
  }

  void start(int host, Mode mode) {
    scheduler_.start("host" + std::to_string(host), disk_, [this, host, mode] {
      try {
        evaluate(host, mode);
      } catch (const Killed&) {
      }
    });
  }

  void evaluate(int host, Mode mode) {
    const Micros ahead{0};
    HostClock clock(scheduler_, ahead);
    Connection connection(scheduler_, server_, network_, never_, injected_,
                          [this](const Batch&, const auto& commit) {
                            auto done = commit();
                            ++now_->commits;
                            now_->conflicts += done && *done != Commit::done;
                            return done;
                          });
    FallbackManager manager(connection, {.actor = "ops", .host = std::to_string(host)}, clock);
    HealthState health;
    if (mode == Mode::safe) health.system.failed_components = 2;
    const auto answer = manager.cascade(health);
    now_->calls += connection.calls;
    now_->calls_in_second[(scheduler_.now() - now_->begun).count() / 1'000'000] += connection.calls;
    now_->errors += !answer;
    if (answer && answer->before.mode != mode)
      now_->agreed = std::max(now_->agreed, scheduler_.now());
    now_->not_yet += answer && answer->after.mode != mode;
  }

  void print(const Phase& phase) const {
    int most = 0;
    for (const auto& [second, calls] : phase.calls_in_second) most = std::max(most, calls);
    std::printf(
        "%-32s %8d calls, at most %7d a second, %6d commits, %6d refused, %d errors, %d not yet, "
        "agreed after %.3f s\n",
        phase.name.c_str(), phase.calls, most, phase.commits, phase.conflicts, phase.errors,
        phase.not_yet, static_cast<double>((phase.agreed - phase.begun).count()) / 1e6);
    std::fflush(stdout);
  }

  const FleetOptions options_;
  Scheduler scheduler_;
  Server server_;
  Disk disk_{};
  const NetworkFaults network_{};
  const bool never_ = false;
  std::map<std::string, int> injected_{};
  Phase* now_ = nullptr;
};

}  // namespace

void simulate_fleet(const FleetOptions& options) { Fleet(options).run(); }

}  // namespace rz::sim
