#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/callback.h"
#include "rz/fallback/detector.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/policy.h"
#include "rz/fallback/spool.h"
#include "rz/fallback/spool_replay.h"
#include "rz/fallback/transition_log.h"
#include "rz/health/health_state.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/storage/storage.h"

namespace rz {

/// What a FallbackManager needs to know besides its store.
struct FallbackManagerOptions {
  Policy policy{};
  RecoveryOptions recovery{};
  Millis retention{std::chrono::hours{24 * 90}};
  std::string actor{};  ///< Empty: user_name().
  std::string host{};   ///< Empty: host_name().
  /// Where decisions go while the store cannot be reached; null: there are none then.
  std::shared_ptr<Spool> spool{};
};

/// The outcome of one evaluation or of one command.
struct CascadeOutcome {
  Mode mode = Mode::primary;
  Mode previous = Mode::primary;
  bool changed = false;
  std::string reason;  ///< Of the mode that holds now.
  std::int64_t epoch = 0;
  std::optional<TimePoint> since;  ///< Nothing: no transition has ever been.
  std::optional<Pin> pin;
  std::string held;   ///< Why a better mode was not entered yet; empty if none was called for.
  Decision decision;  ///< Of an evaluation: each rule and what it said.
  /// A callback that failed; replicas that have not confirmed; what became of a spool. The
  /// transition stands.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  ///< What is of interest to those who look for a fault.
  /// Why the store could not be reached: the mode is what this host decided, or last knew, alone.
  std::optional<Error> outage;
  std::optional<TimePoint> store_seen;  ///< In an outage: when the store was seen last.
  std::size_t spooled = 0;              ///< Transitions that wait for the store.

  bool is_degraded() const { return mode != Mode::primary; }
  bool is_safe_mode() const { return mode == Mode::safe; }
};

/// One registered fallback that evaluate_fallbacks looked at.
struct FallbackRun {
  std::string name;
  bool held = false;           ///< Whether its condition held, and so its action ran.
  std::optional<Error> error;  ///< Of the condition or of the action.
};

/// Decides how degraded the system runs, and remembers it in Storage for every process and host.
///
/// A transition is one commit: the new state and the log record together, if the state is still the
/// one that was read. Whoever loses the race reads again and decides again; the winner alone
/// runs the callbacks. A record's time is later than that of the record before it, whatever the
/// clocks of the hosts say, so that order by time is order by epoch.
///
/// With a spool, the mode is also decided while the store is away: on the mode that this host knew
/// last, for this host alone. The next call of cascade, set_mode, release or status that reaches
/// the store brings those decisions there first (see replay_spool).
///
/// Thread-safe. Does not own the storage, the clock or the sink, which must outlive it.
/// Errors of every call that touches the store: those of Storage, and corrupt for a state that
/// cannot be read.
class FallbackManager {
 public:
  explicit FallbackManager(Storage& storage, FallbackManagerOptions options = {},
                           Clock& clock = SystemClock::instance(), MetricsSink* sink = nullptr);

  /// Decides from `health` and enters the mode that follows, unless a pin or the recovery options
  /// hold it back.
  Result<CascadeOutcome> cascade(const HealthState& health);

  /// What cascade would do now. Changes nothing, not even the count of good evaluations.
  Result<CascadeOutcome> dry_run(const HealthState& health) const;

  /// Enters `mode` (in any case) and pins it, for `lasting` or until it is released.
  /// Errors: invalid_argument for a word that is no mode, or a time of zero or less.
  Result<CascadeOutcome> set_mode(std::string_view mode,
                                  std::optional<Millis> lasting = std::nullopt,
                                  std::string reason = {});

  /// Takes the pin away. The mode stays until the next evaluation.
  Result<CascadeOutcome> release();

  /// The mode and what is known of it, without evaluating. A pin that has expired is not shown.
  Result<CascadeOutcome> status() const;

  Result<Mode> current_mode() const;
  Result<std::string> mode_string() const;
  Result<bool> is_degraded() const;
  Result<bool> is_safe_mode() const;

  /// The newest `limit` transitions, oldest first.
  Result<std::vector<Transition>> transitions_log(std::size_t limit = 50) const;

  /// In the shape of the notes: `{"current_mode","is_degraded","is_safe_mode","total_transitions",
  /// "recent_transitions":[…]}`; the last ten. One that cannot be read is left out, and what a
  /// person should know of that, or of a spool, is added to `warnings`.
  Result<Value> metrics(std::vector<std::string>& warnings) const;

  /// Adds what is done on entering `mode`, in the order of registration.
  void register_mode_callback(Mode mode, ModeCallback callback);

  /// Adds an action to run when `condition` holds for the values given to evaluate_fallbacks, and
  /// stores its definition at `fallback:definition:<name>`. One of the same name is replaced.
  /// Errors: parse (the condition), invalid_argument (an empty name).
  Result<void> register_fallback(std::string name, std::string_view condition,
                                 std::function<Result<void>()> action,
                                 Value metadata = Value::object(),
                                 const ConditionOptions& conditions = {});

  /// Runs the action of each registered fallback whose condition holds, in order of registration.
  std::vector<FallbackRun> evaluate_fallbacks(const ConditionContext& context) const;

  /// Injects the detectors; null for none.
  void set_detectors(std::unique_ptr<Detector> primary, std::unique_ptr<Detector> heuristic);

  /// Asks the detector of the current mode. SAFE, a missing detector and any failure answer
  /// conservatively: `{"anomaly": false, "confidence": 0.0, "mode": "safe" | "primary_unavailable"
  /// | "heuristic_unavailable" | "error", "error": …}`. An error only where the mode cannot be
  /// read.
  Result<Value> detect_anomaly(const Value& telemetry) const;

 private:
  /// What a command wants of a state: the state to be written (equal to the old one: nothing to
  /// do), and the trigger and outcome if that is a transition.
  struct Plan {
    ModeState next;
    std::string trigger;
    std::string held;
  };
  using Planner = std::function<Plan(const ModeState&, TimePoint now)>;

  /// What is to be written, and why a better mode was not entered.
  struct Decided {
    SpoolEntry entry;
    std::string held;
    bool anything() const { return entry.after != entry.before; }
  };

  struct KnownState {
    ModeState state;
    std::optional<Error> outage;
    std::optional<TimePoint> seen;  ///< In an outage: when the store was seen last.
    std::size_t spooled = 0;
    std::vector<std::string> warnings{};
  };

  struct Outage {
    Error error;
    /// What may or may not have been written before the store went away. It goes into the spool as
    /// it is, so that its token is found if it was.
    std::optional<Decided> attempt;
    std::vector<std::string> warnings;  ///< Of what was done before.
  };

  Plan plan_evaluation(const ModeState& state, const Decision& decision, bool complete,
                       TimePoint now) const;
  Decided decide(const Planner& planner, const ModeState& before, TimePoint now) const;
  Result<CascadeOutcome> apply(const Planner& planner);
  Result<CascadeOutcome> apply_offline(const Planner& planner, Outage outage);
  Transition make_transition(const ModeState& before, ModeState& next, const std::string& trigger,
                             TimePoint now) const;
  void announce(const Decided& decided, CascadeOutcome& outcome) const;
  Result<KnownState> known_state() const;
  Result<KnownState> peek() const;
  Result<KnownState> known_offline(const Error& outage) const;
  Result<Spool::Session> open_spool(const Error& outage) const;
  static tl::unexpected<Error> never_known(const Error& outage);
  Result<std::vector<std::string>> replay() const;
  void remember(const ModeState& state, TimePoint seen, CascadeOutcome& outcome) const;
  void run_callbacks(const Transition& transition, CascadeOutcome& outcome) const;
  CascadeOutcome outcome_of(const ModeState& state) const;
  void emit(const CascadeOutcome& outcome) const;

  struct Fallback {
    std::string name;
    Condition condition;
    std::function<Result<void>()> action;
  };

  ModeStore store_;
  FallbackManagerOptions options_;
  Clock& clock_;
  MetricsSink* sink_;
  mutable std::mutex mutex_;  ///< Guards what is registered below.
  std::map<Mode, std::vector<ModeCallback>> callbacks_;
  std::vector<Fallback> fallbacks_;
  std::shared_ptr<Detector> primary_;
  std::shared_ptr<Detector> heuristic_;
};

}  // namespace rz
