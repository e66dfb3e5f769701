#include "rz/health/check_runner.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "rz/base/duration.h"
#include "rz/health/check_failure.h"
#include "rz/health/dependency_cycles.h"

namespace rz {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace

class CheckRunner::Calls {
 public:
  /// Nothing, and the call is out from now on; or since when an earlier one is.
  std::optional<SteadyTime> begin(const HealthCheck& check) {
    const std::lock_guard lock(mutex_);
    const auto [call, begun] = out_.try_emplace(&check, std::chrono::steady_clock::now());
    if (begun) return std::nullopt;
    return call->second;
  }
  /// `check` lives until then: whoever calls it holds it.
  void end(const HealthCheck& check) {
    const std::lock_guard lock(mutex_);
    out_.erase(&check);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return out_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<const HealthCheck*, SteadyTime> out_;
};

namespace {

CheckResult answer_for(const RegisteredCheck& registered, HealthStatus status, std::string message,
                       TimePoint timestamp) {
  CheckResult result;
  result.name = registered.check->name();
  result.type = registered.check->type();
  result.status = status;
  result.message = std::move(message);
  result.timestamp = timestamp;
  return result;
}

/// One call, with whatever it throws turned into an answer.
CheckResult outcome_of(const std::function<CheckResult()>& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    CheckResult result;
    result.message = std::string("the check failed: ") + error.what();
    return result;
  } catch (...) {
    CheckResult result;
    result.message = "the check failed";
    return result;
  }
}

HealthStatus reported(HealthStatus found, const CheckOptions& options) {
  if (options.invert && found == HealthStatus::healthy) {
    found = HealthStatus::unhealthy;
  } else if (options.invert && found == HealthStatus::unhealthy) {
    found = HealthStatus::healthy;
  }
  const auto mapped = options.severity.find(found);
  return mapped == options.severity.end() ? found : mapped->second;
}

/// All tries of one check, as long as somebody waits for what comes of them: `go_on` tells whether,
/// and learns how long it is until the next try begins.
CheckResult perform(const RegisteredCheck& registered, Clock& clock,
                    const std::function<bool(Millis)>& go_on) {
  const CheckOptions& options = registered.options;
  const TimePoint timestamp = clock.now();
  const auto begin = clock.monotonic();
  CheckResult result;
  for (int attempt = 0; attempt <= options.retries; ++attempt) {
    if (attempt > 0) {
      if (!go_on(options.retry_delay)) break;
      clock.sleep_for(options.retry_delay);
      // The run may have ended meanwhile.
      if (!go_on(Millis{0})) break;
    }
    result = outcome_of([&] { return registered.check->check(); });
    result.status = reported(result.status, options);
    if (attempt > 0) result.metadata.set("attempts", attempt + 1);
    // The store's own tries are over by now, and other checks wait to be told.
    if (result.store_outage) break;
    if (result.status != HealthStatus::healthy) continue;
    if (attempt > 0) result.metadata.set("flaky", true);
    break;
  }
  result.name = registered.check->name();
  result.type = registered.check->type();
  result.timestamp = timestamp;
  result.latency_ms = std::chrono::duration<double, std::milli>(clock.monotonic() - begin).count();
  return result;
}

// How long one try may take, with a moment for the check to say itself that time is up: its own
// word on a timeout is better than the runner's.
Millis patience(const HealthCheck& check) { return check.timeout() + Millis{100}; }

/// The shared state of one run. Held by every worker, so that one that is left behind finds it
/// alive.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(std::vector<RegisteredCheck> checks, const RunnerOptions& options, Clock& clock,
      std::shared_ptr<CheckRunner::Calls> calls)
      : checks_(std::move(checks)),
        clock_(clock),
        calls_(std::move(calls)),
        max_stuck_(options.max_stuck),
        slots_(checks_.size()),
        free_workers_(std::max(1, options.concurrency)),
        deadline_(std::chrono::steady_clock::now() + options.timeout),
        timeout_(options.timeout) {
    for (std::size_t i = 0; i < checks_.size(); ++i) index_[checks_[i].check->name()] = i;
  }

  CheckReport execute() {
    CheckReport report;
    report.timestamp = clock_.now();
    const auto begin = clock_.monotonic();
    std::unique_lock lock(mutex_);
    while (!all_done()) {
      start_ready();
      if (all_done()) break;
      changed_.wait_until(lock, next_deadline());
      const auto now = std::chrono::steady_clock::now();
      answer_for_late(now);
      if (now >= deadline_) answer_for_all();
    }
    report.checks = checks_;
    for (Slot& slot : slots_) report.results.push_back(*slot.result);
    report.abandoned = static_cast<int>(calls_->count());
    report.store_outage = store_outage_;
    report.duration_ms =
        std::chrono::duration<double, std::milli>(clock_.monotonic() - begin).count();
    return report;
  }

 private:
  struct Slot {
    bool running = false;  ///< A thread is at it, whether or not it was answered for.
    SteadyTime deadline;   ///< Of its present try.
    std::optional<CheckResult> result;
  };

  bool all_done() const {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const Slot& s) { return s.result.has_value(); });
  }

  // Starts, or skips, whatever waits for nothing. A skip, or a thread that cannot be had, is an
  // answer that may make others ready: again, then.
  void start_ready() {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[i];
        if (slot.running || slot.result || !parents_done(i)) continue;
        if (const std::string* parent = unhealthy_parent(i)) {
          slot.result = answer_for(
              checks_[i], HealthStatus::unknown,
              "skipped: it depends on '" + *parent + "', which " +
                  (slots_[index_.at(*parent)].result->skipped ? "was skipped" : "is unhealthy"),
              clock_.now());
          slot.result->skipped = true;
          again = true;
        } else if (told_of_outage(i)) {
          again = true;
        } else if (!checks_[i].options.combines.empty()) {
          combine(i);
          again = true;
        } else if (free_workers_ > 0) {
          start(i);
          again = again || slot.result.has_value();
        }
      }
    }
  }

  bool parents_done(std::size_t i) const {
    const auto done = [&](const std::string& parent) {
      return slots_[index_.at(parent)].result.has_value();
    };
    const CheckOptions& options = checks_[i].options;
    return std::all_of(options.depends_on.begin(), options.depends_on.end(), done) &&
           std::all_of(options.combines.begin(), options.combines.end(), done);
  }

  // Judges the results of others. That takes no time, so it takes no thread either.
  void combine(std::size_t i) {
    std::vector<const CheckResult*> results;
    for (const std::string& name : checks_[i].options.combines) {
      results.push_back(&*slots_[index_.at(name)].result);
    }
    CheckResult result = outcome_of([&] { return checks_[i].check->judge(results); });
    result.status = reported(result.status, checks_[i].options);
    result.name = checks_[i].check->name();
    result.type = checks_[i].check->type();
    result.timestamp = clock_.now();
    slots_[i].result = std::move(result);
  }

  // A parent that was skipped passes it on, though it is unknown itself.
  const std::string* unhealthy_parent(std::size_t i) const {
    for (const std::string& parent : checks_[i].options.depends_on) {
      const CheckResult& result = *slots_[index_.at(parent)].result;
      if (result.status == HealthStatus::unhealthy || result.skipped) return &parent;
    }
    return nullptr;
  }

  void start(std::size_t i) {
    Slot& slot = slots_[i];
    if (stuck() >= max_stuck_) {
      slot.result = failure_of(i, Error{ErrorCode::unavailable,
                                        "not begun: " + std::to_string(stuck()) +
                                            " checks that do not return hold a "
                                            "thread each, and no more are given away",
                                        {},
                                        true});
      return;
    }
    if (const auto since = calls_->begin(*checks_[i].check)) return answer_for_earlier(i, *since);
    slot.running = true;
    slot.deadline = std::chrono::steady_clock::now() + patience(*checks_[i].check);
    try {
      std::thread([self = shared_from_this(), i] { self->work(i); }).detach();
      --free_workers_;
    } catch (const std::system_error& error) {
      slot.running = false;
      calls_->end(*checks_[i].check);
      slot.result = failure_of(i, Error{ErrorCode::unavailable,
                                        std::string("no thread for the check: ") + error.what(),
                                        {},
                                        true});
    }
  }

  // Calls that are out and that nobody waits for any more: those of earlier runs, and those of this
  // one that were answered for.
  std::size_t stuck() const {
    const auto awaited = std::count_if(slots_.begin(), slots_.end(), [](const Slot& slot) {
      return slot.running && !slot.result;
    });
    return calls_->count() - std::min(calls_->count(), static_cast<std::size_t>(awaited));
  }

  // To call it once more would hold one more thread, in every run.
  void answer_for_earlier(std::size_t i, SteadyTime since) {
    const auto waited =
        std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - since);
    const Error silence{ErrorCode::timeout,
                        "an earlier call has not returned for " + humanize_duration(waited),
                        {}};
    slots_[i].result = failure_of(i, silence);
    note_store(i, silence);
  }

  void work(std::size_t i) {
    finish(i, perform(checks_[i], clock_, [this, i](Millis pause) {
             const std::lock_guard lock(mutex_);
             Slot& slot = slots_[i];
             slot.deadline = std::chrono::steady_clock::now() + pause + patience(*checks_[i].check);
             return !slot.result;
           }));
  }

  /// The call of a check has returned with `result`. From any thread.
  void finish(std::size_t i, CheckResult result) {
    // First: once all results are there, the next run may begin.
    calls_->end(*checks_[i].check);
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[i];
    slot.running = false;
    // One that was answered for has given its place back already, and its word comes too late.
    if (!slot.result) {
      note_store(i, result.store_outage);
      slot.result = std::move(result);
      ++free_workers_;
    }
    changed_.notify_all();
  }

  SteadyTime next_deadline() const {
    SteadyTime next = deadline_;
    for (const Slot& slot : slots_) {
      if (slot.running && !slot.result) next = std::min(next, slot.deadline);
    }
    return next;
  }

  void answer_for_late(SteadyTime now) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      if (!slot.running || slot.result || now < slot.deadline) continue;
      const Millis timeout = checks_[i].check->timeout();
      const Error silence{ErrorCode::timeout, "no answer within " + format_duration(timeout), {}};
      slot.result = failure_of(i, silence);
      slot.result->latency_ms = static_cast<double>(timeout.count());
      note_store(i, silence);
      ++free_workers_;
    }
  }

  void answer_for_all() {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].result) continue;
      slots_[i].result = failure_of(
          i, Error{ErrorCode::timeout,
                   "the run ended after " + format_duration(timeout_) + ", before this check did",
                   {},
                   true});
    }
  }

  // The answer for a check that did not give one.
  CheckResult failure_of(std::size_t i, const Error& error) const {
    const HealthStatus found = health::status_of_failure(checks_[i].check->asks(), error);
    return answer_for(checks_[i], reported(found, checks_[i].options), to_string(error),
                      clock_.now());
  }

  // Keeps that the store is away, as the check has found.
  void note_store(std::size_t i, const std::optional<Error>& outage) {
    if (checks_[i].check->asks() != AskedParty::target && outage && !store_outage_) {
      store_outage_ = outage;
    }
  }

  // Whether the check needs not start: it asks the store, which another has found away. Each would
  // wait its whole time for what is known already.
  bool told_of_outage(std::size_t i) {
    if (!store_outage_ || checks_[i].check->asks() == AskedParty::target) return false;
    slots_[i].result = failure_of(i, *store_outage_);
    return true;
  }

  const std::vector<RegisteredCheck> checks_;
  Clock& clock_;
  const std::shared_ptr<CheckRunner::Calls> calls_;
  const std::size_t max_stuck_;
  std::map<std::string, std::size_t> index_;
  std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::optional<Error> store_outage_;
  int free_workers_;
  const SteadyTime deadline_;
  const Millis timeout_;
};

}  // namespace

HealthStatus CheckReport::status() const {
  if (results.empty()) return HealthStatus::unknown;
  HealthStatus status = HealthStatus::healthy;
  for (const CheckResult& result : results) status = worst(status, result.status);
  return status;
}

Result<void> validate_dependencies(const std::vector<RegisteredCheck>& checks) {
  std::map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < checks.size(); ++i) numbers[checks[i].check->name()] = i;
  std::vector<std::vector<std::size_t>> parents(checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    std::vector<std::string> needed = checks[i].options.depends_on;
    const auto& combined = checks[i].options.combines;
    needed.insert(needed.end(), combined.begin(), combined.end());
    for (const std::string& name : needed) {
      const auto parent = numbers.find(name);
      if (parent == numbers.end()) {
        return fail(ErrorCode::config, "check '" + checks[i].check->name() + "' depends on '" +
                                           name + "', which is not a check");
      }
      parents[i].push_back(parent->second);
    }
  }
  const auto cycles = health::find_dependency_cycles(parents);
  if (cycles.empty()) return {};
  const std::string& name = checks[cycles.front().front().node].check->name();
  return fail(ErrorCode::config, "check '" + name + "' depends on itself");
}

CheckRunner::CheckRunner(Clock& clock) : clock_(clock), calls_(std::make_shared<Calls>()) {}

CheckRunner::~CheckRunner() = default;

CheckReport CheckRunner::run(const std::vector<RegisteredCheck>& checks,
                             const RunnerOptions& options) {
  const std::lock_guard lock(running_);
  return std::make_shared<Run>(checks, options, clock_, calls_)->execute();
}

CheckReport run_checks_once(const std::vector<RegisteredCheck>& checks,
                            const RunnerOptions& options, Clock& clock) {
  return CheckRunner(clock).run(checks, options);
}

}  // namespace rz
