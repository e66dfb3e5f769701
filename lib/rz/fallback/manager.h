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
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_replay.h"
#include "rz/fallback/owed_callback.h"
#include "rz/fallback/policy.h"
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
  /// Where decisions go while the store cannot be reached; null: there is no such place.
  std::shared_ptr<Spool> spool{};
  /// How old what the host knew last may be for an answer without doubt while the store is away.
  Millis max_age_offline{std::chrono::hours{1}};
};

/// What a person should know of the store behind an answer, and how far the answer can be trusted.
struct StoreStatus {
  /// Why the store could not be reached: the mode is what this host decided, or last knew, alone.
  std::optional<Error> outage;
  std::optional<TimePoint> store_seen;  ///< In an outage: when the store was seen last.
  std::size_t spooled = 0;              ///< Transitions that wait for the store.
  /// The store knew less than this host had seen in it, and was given it back; empty: it did not.
  std::string store_lost;
  /// The mode was entered although nothing could be kept of that, neither in the store nor here.
  bool unrecorded = false;
  /// Why the mode must not be taken for a yes, a sentence each; empty: it may.
  std::vector<std::string> doubts;
  /// A callback that failed; replicas that have not confirmed; what became of a spool. The
  /// transition stands.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  ///< What is of interest to those who look for a fault.

  /// Adds what `other` found, but for what it has already.
  void add_findings(StoreStatus other);
};

/// The outcome of one evaluation or of one command.
struct CascadeOutcome : StoreStatus {
  Mode mode = Mode::primary;
  Mode previous = Mode::primary;
  bool changed = false;
  std::string reason;  ///< Of the mode that holds now.
  std::string detail;  ///< What is behind the reason: the components that failed.
  std::int64_t epoch = 0;
  std::optional<TimePoint> since;  ///< Nothing: no transition has ever been.
  std::optional<Pin> pin;
  std::string held;    ///< Why a better mode was not entered yet; empty if none was called for.
  std::string remark;  ///< That there was nothing to do; empty: there was.
  std::size_t callbacks_owed = 0;  ///< Callbacks that are still to be run, on whatever host.
  Decision decision;               ///< Of an evaluation: each rule and what it said.

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
/// A transition is one commit: the new state with the callbacks that are owed, and the log record,
/// if the state is still the one that was read. Whoever loses the race reads again and decides
/// again. A record's time is later than that of the record before it, whatever the clocks of the
/// hosts say, so that order by time is order by epoch.
///
/// A callback is owed from that commit on, until a run of it has ended well or it is given up: the
/// winner runs it, and where it dies every later call on a host that has such a callback does.
///
/// With a spool, the mode is also decided while the store is away: on the mode that this host knew
/// last, for this host alone. The next call of cascade, set_mode, release or status that reaches
/// the store brings those decisions there first (see replay_spool), and puts back what the store
/// has lost of what this host had seen in it (see recall). Where nothing can be kept, a worse mode
/// is answered and its callbacks run all the same; a better one is not entered.
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

  /// Enters `mode` (in any case) and pins it, for `lasting` or until it is released. It is kept on
  /// this host, too, before success is reported. Errors: invalid_argument for a word that is not a
  /// mode, or a time of zero or less; those of the store where it cannot be kept at all.
  Result<CascadeOutcome> set_mode(std::string_view mode,
                                  std::optional<Millis> lasting = std::nullopt,
                                  std::string reason = {});

  /// Takes the pin away. The mode stays until the next evaluation.
  Result<CascadeOutcome> release();

  /// Starts anew on purpose, in primary mode, in the store and on this host: the pin, calls that
  /// are owed and decisions that wait here are given up, and every host takes what the store says
  /// now. The history stays, with a record of this. Errors: also where the store is away.
  Result<CascadeOutcome> forget();

  /// Brings to the store what waits here for it and what it has lost, without asking for the mode.
  /// An outage is not an error: it is told.
  Result<StoreStatus> bring_back();

  /// The mode and what is known of it, without evaluating. A pin that has expired is not shown.
  Result<CascadeOutcome> status();

  Result<Mode> current_mode() const;
  Result<std::string> mode_string() const;
  Result<bool> is_degraded() const;
  Result<bool> is_safe_mode() const;

  /// The newest `limit` transitions, oldest first; without the records of what was done with pins.
  Result<std::vector<Transition>> transitions_log(std::size_t limit = 50) const;

  /// In the shape of the notes: `{"current_mode","is_degraded","is_safe_mode","total_transitions",
  /// "recent_transitions":[…]}`; the last ten. One that cannot be read is left out, and what a
  /// person should know of that, or of a spool, is added to `warnings`.
  Result<Value> metrics(std::vector<std::string>& warnings) const;

  /// Adds what is done on entering `mode`, in the order of registration. The limits of the mode are
  /// those given last.
  void register_mode_callback(Mode mode, ModeCallback callback, CallbackLimits limits = {});

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
  /// What was decided and kept, or found to need no change.
  struct Change {
    SpoolEntry entry;
    std::string held;
    std::string remark;
    StoreStatus status;
    bool anything() const { return entry.after != entry.before; }
  };
  /// Whether a person ordered it: then it is kept, or it is an error.
  enum class Origin { evaluation, order, bookkeeping };

  struct Known {
    ModeState state;
    StoreStatus status;
  };

  // manager_changes.cc: from a plan to what is kept of it.
  Result<Change> change(const ModePlanner& planner, Origin origin,
                        const std::optional<Error>& outage = std::nullopt);
  Result<Change> change_offline(const ModePlanner& planner, const Error& error,
                                std::optional<Change> attempt, Change change, Origin origin);
  Result<Change> change_unrecorded(const ModePlanner& planner, const Error& error,
                                   std::optional<ModeState> read, StoreStatus status,
                                   Origin origin) const;
  Change decide(const ModePlanner& planner, const ModeState& before,
                std::optional<TimePoint> place = std::nullopt) const;
  void owe_calls(ModeState& next, const Transition& record) const;
  Result<ModeStore::Snapshot> reach(StoreStatus& status, AskHistory ask = AskHistory::yes) const;
  Result<Known> known_state(AskHistory ask = AskHistory::yes) const;
  Result<Known> peek() const;
  Result<Known> known_offline(const Error& outage, StoreStatus status) const;
  void tell_offline(const Error& outage, const SpoolView& view, StoreStatus& status) const;
  void remember(const ModeState& state, TimePoint seen, Origin origin, StoreStatus& status) const;

  // manager_callbacks.cc: calls that are owed.
  bool has_callbacks(Mode mode) const;
  CallbackLimits limits_of(Mode mode) const;
  Result<void> run_callbacks(const Transition& transition, StoreStatus& status) const;
  void make_calls(const Change& done, ModeState& state, StoreStatus& status);
  void make_due_calls(ModeState& state, StoreStatus& status);
  void make_call(const OwedCallback& owed, ModeState& state, StoreStatus& status);
  bool change_calls(const ModePlanner& planner, ModeState& state, StoreStatus& status);

  Result<CascadeOutcome> carry_out(const ModePlanner& planner, Origin origin);
  CascadeOutcome outcome_of(const ModeState& state, StoreStatus status) const;
  void emit(const ModeState& state, bool changed) const;
  Person person() const { return {options_.actor, options_.host}; }

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
  std::map<Mode, CallbackLimits> limits_;
  std::vector<Fallback> fallbacks_;
  std::shared_ptr<Detector> primary_;
  std::shared_ptr<Detector> heuristic_;
};

}  // namespace rz
