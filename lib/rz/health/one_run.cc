#include "rz/health/one_run.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "rz/base/descriptor_limit.h"
#include "rz/base/duration.h"
#include "rz/health/check_attempts.h"
#include "rz/health/check_calls.h"
#include "rz/health/judging/canaries.h"
#include "rz/health/judging/run_answers.h"
#include "rz/health/judging/run_condition.h"
#include "rz/health/judging/uncounted.h"
#include "rz/health/machine/uptime.h"
#include "rz/net/fiber_loop.h"

namespace rz::health {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// Of the checks that run at the same time, those with a thread each.
constexpr int kMaxCheckThreads = 64;

// How many checks run at the same time. A request over HTTP holds three descriptors, and whoever
// made the checks needs some, too; so that no check fails for want of one, there are fewer where
// the process may have few.
int check_places(int concurrency) {
  constexpr std::size_t kEach = 4;
  const auto wanted = static_cast<std::size_t>(std::max(1, concurrency));
  return static_cast<int>(std::min(wanted, std::max<std::size_t>(1, descriptor_limit() / kEach)));
}

// A moment for a check to say itself that time is up: its own word on a timeout is better than the
// runner's.
constexpr Millis kSlack{100};

// How long one try may take.
Millis patience(const HealthCheck& check) { return check.timeout() + kSlack; }

// After so long, one that has its turn on the shared thread is taken for one that will not end.
constexpr Millis kLongestTurn{1'000};

// How often whoever runs the checks is asked whether they shall go on.
constexpr Millis kStopInterval{50};

/// The shared state of one run. Held by every call, so that one that is left behind finds it alive.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(std::vector<RegisteredCheck> checks, const RunnerOptions& options, Clock& clock,
      std::shared_ptr<CheckCalls> calls)
      : checks_(std::move(checks)),
        clock_(clock),
        calls_(std::move(calls)),
        max_stuck_(options.max_stuck),
        stop_(options.stop),
        uptime_(options.uptime ? *options.uptime : host_uptime()),
        slots_(checks_.size()),
        free_places_(check_places(options.concurrency)),
        free_threads_(std::min(free_places_, kMaxCheckThreads)),
        deadline_(std::chrono::steady_clock::now() + options.timeout),
        timeout_(options.timeout) {
    for (std::size_t i = 0; i < checks_.size(); ++i) index_[checks_[i].check->name()] = i;
  }

  ~Run() {
    if (loop_) loop_->close();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

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
      if (now >= deadline_) answer_for_all("the run ended after " + format_duration(timeout_));
      stopped_ = stopped_ || (stop_ && stop_());
      if (stopped_) answer_for_all("the run was interrupted");
    }
    // What it still runs goes on; its thread ends with that.
    if (loop_) std::exchange(loop_, nullptr)->close();
    report.checks = checks_;
    for (Slot& slot : slots_) report.results.push_back(*slot.result);
    report.abandoned = static_cast<int>(calls_->count());
    report.unfinished = unfinished_;
    report.stopped = stopped_;
    judge_canaries(report);
    report.store_outage = store_outage_;
    report.duration_ms =
        std::chrono::duration<double, std::milli>(clock_.monotonic() - begin).count();
    return report;
  }

 private:
  struct Slot {
    bool allowed = false;    ///< By its `run_if`, which was evaluated.
    bool running = false;    ///< Its call is out, whether or not it was answered for.
    bool on_thread = false;  ///< Its call holds a thread.
    bool begun = false;      ///< The call has had its first turn.
    SteadyTime deadline;     ///< Of its present try.
    std::optional<CheckResult> result;
  };

  bool all_done() const {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const Slot& s) { return s.result.has_value(); });
  }

  // Whether any has not been started.
  bool any_waits() const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](const Slot& s) { return !s.running && !s.result; });
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
          skip_for(i, *parent);
          again = true;
        } else if (!may_run(i) || told_of_outage(i)) {
          again = true;
        } else if (!checks_[i].options.combines.empty()) {
          combine(i);
          again = true;
        } else if (free_places_ > 0 && (shares_loop(i) || free_threads_ > 0)) {
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
           std::all_of(options.combines.begin(), options.combines.end(), done) &&
           std::all_of(options.awaits.begin(), options.awaits.end(), done);
  }

  std::vector<const CheckResult*> results_of(const std::vector<std::string>& names) const {
    std::vector<const CheckResult*> results;
    for (const std::string& name : names) results.push_back(&*slots_[index_.at(name)].result);
    return results;
  }

  // The answer for a check, whoever gives it.
  void settle(std::size_t i, CheckResult result) {
    note_uncounted(checks_[i].options, clock_.now(), uptime_, result);
    slots_[i].result = std::move(result);
  }

  void skip_for(std::size_t i, const std::string& name) {
    settle(i, skipped_answer(checks_[i], name, *slots_[index_.at(name)].result, clock_.now()));
  }

  // False: there is an answer already, since `run_if` is false, or cannot be evaluated.
  bool may_run(std::size_t i) {
    const CheckOptions& options = checks_[i].options;
    if (options.run_if.empty() || slots_[i].allowed) return true;
    const auto why_not = why_not_run(options.run_if, results_of(options.awaits));
    slots_[i].allowed = why_not && !*why_not;
    if (!slots_[i].allowed) settle(i, answer_of_condition(checks_[i], why_not, clock_.now()));
    return slots_[i].allowed;
  }

  // Judges the results of others. That takes no time, so it takes no thread either.
  void combine(std::size_t i) {
    settle(i, combine_results(checks_[i], results_of(checks_[i].options.combines), clock_));
  }

  // A parent that was skipped passes it on, though it is unknown itself.
  const std::string* unhealthy_parent(std::size_t i) const {
    for (const std::string& parent : checks_[i].options.depends_on) {
      const CheckResult& result = *slots_[index_.at(parent)].result;
      const bool missed = result.skipped && !result.left_out;
      if (result.status == HealthStatus::unhealthy || missed) return &parent;
    }
    return nullptr;
  }

  void start(std::size_t i) {
    const std::shared_ptr<net::FiberLoop> loop = shares_loop(i) ? loop_ : nullptr;
    if (const std::size_t held = stuck_threads(); !loop && held >= max_stuck_) {
      return cannot_start(i, "not begun: " + std::to_string(held) +
                                 " checks that do not return hold a thread each, and no more are "
                                 "given away");
    }
    const HealthCheck& check = *checks_[i].check;
    if (const auto since = calls_->begin(check, loop.get())) return answer_for_earlier(i, *since);
    const auto work = [self = shared_from_this(), i] { self->work(i); };
    if (loop) {
      loop->add(work, i);
    } else if (auto started = start_thread(work); !started) {
      calls_->end(check);
      return cannot_start(i, "no thread for the check: " + started.error().message);
    }
    slots_[i].running = true;
    slots_[i].on_thread = !loop;
    slots_[i].deadline = std::chrono::steady_clock::now() + patience(check);
    --free_places_;
    if (!loop) --free_threads_;
  }

  void cannot_start(std::size_t i, std::string why) {
    settle(i, failure_of(i, Error{ErrorCode::unavailable, std::move(why), {}, /*own_side=*/true}));
  }

  static Result<void> start_thread(std::function<void()> work) {
    try {
      std::thread(std::move(work)).detach();
      return {};
    } catch (const std::system_error& error) {
      return fail(ErrorCode::unavailable, error.what());
    }
  }

  // Whether the loop makes the call. Where there can be no loop, for want of a descriptor or a
  // thread, each check gets a thread, as if it could not share one.
  bool shares_loop(std::size_t i) {
    if (!checks_[i].check->shares_thread()) return false;
    if (loop_ || loop_failed_) return loop_ != nullptr;
    loop_failed_ = true;
    if (calls_->loops_but(nullptr) >= max_stuck_) return false;
    auto made = net::FiberLoop::make();
    if (!made || !start_thread([loop = *made] { loop->run(); })) return false;
    loop_ = *std::move(made);
    return true;
  }

  // Threads with a call that nobody waits for any more: of earlier runs, and those of this one that
  // were answered for. A loop of an earlier run is one while any call of it is out.
  std::size_t stuck_threads() const {
    const auto awaited = std::count_if(slots_.begin(), slots_.end(), [](const Slot& slot) {
      return slot.running && slot.on_thread && !slot.result;
    });
    const std::size_t out = calls_->on_threads();
    return out - std::min(out, static_cast<std::size_t>(awaited)) + calls_->loops_but(loop_.get());
  }

  // To call it once more would hold one more thread, in every run.
  void answer_for_earlier(std::size_t i, SteadyTime since) {
    const auto waited =
        std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - since);
    const Error silence{ErrorCode::timeout,
                        "an earlier call has not returned for " + humanize_duration(waited),
                        {}};
    settle(i, failure_of(i, silence));
    note_store(i, silence);
  }

  void work(std::size_t i) {
    finish(i, call_until_good(checks_[i], clock_, [this, i](Millis pause) {
             const std::lock_guard lock(mutex_);
             Slot& slot = slots_[i];
             slot.begun = true;
             const auto next = std::chrono::steady_clock::now() + pause;
             slot.deadline = next + patience(*checks_[i].check);
             // What was found counts, where the run ends before another try could begin.
             return !slot.result && (pause == Millis{0} || next < deadline_);
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
      settle(i, std::move(result));
      give_back(slot);
    }
    if (all_done() || any_waits()) changed_.notify_all();
  }

  SteadyTime next_deadline() const {
    SteadyTime next = deadline_;
    if (stop_) next = std::min(next, std::chrono::steady_clock::now() + kStopInterval);
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
      Error silence{ErrorCode::timeout, "no answer within " + format_duration(timeout), {}};
      if (const auto turn = turn_of_another(i)) {
        // Its turn comes, unless that one goes on for ever.
        slot.deadline = now + kSlack;
        if (now - turn->task_since < kLongestTurn) continue;
        silence = held_up_by(checks_[turn->task].check->name(), now - turn->task_since);
      } else if (!slot.begun) {
        slot.deadline = now + kSlack;
        continue;
      }
      settle(i, failure_of(i, silence));
      slot.result->latency_ms = static_cast<double>(timeout.count());
      note_store(i, silence);
      give_back(slot);
    }
  }

  // The turn for which a check that shares the loop has waited since before its time was over.
  std::optional<net::FiberLoop::Busy> turn_of_another(std::size_t i) const {
    if (slots_[i].on_thread || !loop_) return std::nullopt;
    const auto busy = loop_->busy();
    const bool waits =
        busy && busy->task != i && (!slots_[i].begun || busy->since < slots_[i].deadline - kSlack);
    return waits ? busy : std::nullopt;
  }

  void give_back(const Slot& slot) {
    ++free_places_;
    if (slot.on_thread) ++free_threads_;
  }

  void answer_for_all(const std::string& why) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].result) continue;
      ++unfinished_;
      settle(i,
             failure_of(i, Error{ErrorCode::timeout, why + ", before this check did", {}, true}));
    }
  }

  CheckResult failure_of(std::size_t i, const Error& error) const {
    return failure_answer(checks_[i], error, clock_.now());
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
    settle(i, failure_of(i, *store_outage_));
    return true;
  }

  const std::vector<RegisteredCheck> checks_;
  Clock& clock_;
  const std::shared_ptr<CheckCalls> calls_;
  const std::size_t max_stuck_;
  const std::function<bool()> stop_;
  const Micros uptime_;
  std::map<std::string, std::size_t> index_;
  std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::optional<Error> store_outage_;
  int unfinished_ = 0;
  bool stopped_ = false;
  int free_places_;
  int free_threads_;
  std::shared_ptr<net::FiberLoop> loop_;  ///< Nothing until a check shares it.
  bool loop_failed_ = false;              ///< Or was made: it is tried once.
  const SteadyTime deadline_;
  const Millis timeout_;
};

}  // namespace

CheckReport run_checks(const std::vector<RegisteredCheck>& checks, const RunnerOptions& options,
                       Clock& clock, std::shared_ptr<CheckCalls> calls) {
  return std::make_shared<Run>(checks, options, clock, std::move(calls))->execute();
}

}  // namespace rz::health
