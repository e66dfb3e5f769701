#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/mode_callback.h"
#include "rz/fallback/policy.h"
#include "rz/fallback/store_status.h"
#include "rz/fallback/vote.h"
#include "rz/health/health_state.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/storage/storage.h"

namespace rz::fallback {
class Spool;  // Internal: offline/spool.h.
}  // namespace rz::fallback

#pragma GCC visibility push(default)
namespace rz {

/// What was decided about the mode, by an evaluation or by an order, and why. Where the mode was
/// only asked for, nothing was decided: `after` is `before`.
struct Evaluation {
  ModeView before{};
  ModeView after{};      ///< What holds now.
  std::string held{};    ///< Why the mode that was called for was not entered yet; empty if it was.
  std::string remark{};  ///< That there was nothing to do; empty: there was.
  Decision decision{};   ///< Of an evaluation: each rule and what it said.
  /// Of an evaluation: the votes that stood after it, this host's with them. In an outage there are
  /// none.
  Votes votes{};
  StoreStatus store{};
  /// Of what was decided: when, by the clock by which it was; before any callback was run.
  TimePoint decided_at{};

  bool changed() const { return after.mode != before.mode; }
};

/// Where decisions of this host wait, files in `folder`, for the store that `store` names (see
/// store_identity). Nothing is read or written yet.
std::shared_ptr<fallback::Spool> make_spool(std::string folder, std::string store);

/// What a FallbackManager needs to know besides its store.
struct FallbackManagerOptions {
  Policy policy{};
  RecoveryOptions recovery{};
  Millis retention{std::chrono::hours{24 * 90}};
  std::string actor{};  ///< Empty: user_name().
  std::string host{};   ///< Empty: host_name().
  /// Where decisions go while the store cannot be reached (make_spool); null: there is no such
  /// place.
  std::shared_ptr<fallback::Spool> spool{};
  /// How old what the host knew last may be for an answer without doubt while the store is away.
  Millis max_age_offline{std::chrono::hours{1}};
  VoteOptions votes{};  ///< The voter is `host` if it is empty.
  std::optional<FlappingOptions> flapping{};
  /// So long after the last evaluation of all hosts status() has a doubt; nothing: never.
  std::optional<Millis> stale_after{};
};

/// How often the mode has changed, and how it came to be what it is.
struct FallbackMetrics {
  ModeView mode{};
  /// The newest transitions, oldest first; without the records of what was done with pins.
  std::vector<Transition> recent_transitions{};
  /// Also: which records could not be read, and were left out.
  StoreStatus store{};
};

/// Decides how degraded the system runs, and remembers it in Storage for every process and host.
///
/// A transition is one commit: the new state with the callbacks that are owed, and the log record,
/// if the state is still the one that was read. Whoever loses the race reads again and decides
/// again. A record's time is later than that of the record before it, whatever the clocks of the
/// hosts say, so that order by time is order by epoch.
///
/// Each evaluation leaves in the same commit what its host calls for: a vote, if that is a worse
/// mode than primary. The mode is the worst for which the votes of enough hosts stand.
///
/// A callback is owed from that commit on, until a run of it has ended well or it is given up: the
/// winner runs it, and where it dies every later call on a host that has such a callback does.
///
/// With a spool, the mode is also decided while the store is away: on the mode that this host knew
/// last, for this host alone. The next call of cascade, set_mode, release or status that reaches
/// the store brings those decisions there first (see drain_spool), and puts back what the store
/// has lost of what this host had seen in it (see restore_if_lost). Where nothing can be kept, a
/// worse mode is answered and its callbacks run all the same; a better one is not entered.
///
/// Thread-safe. Does not own the storage, the clock or the sink, which must outlive it.
/// Errors of every call that touches the store: those of Storage, and corrupt for a state that
/// cannot be read.
class FallbackManager {
 public:
  explicit FallbackManager(Storage& storage, FallbackManagerOptions options = {},
                           Clock& clock = SystemClock::instance(), MetricsSink* sink = nullptr);
  ~FallbackManager();
  FallbackManager(const FallbackManager&) = delete;
  FallbackManager& operator=(const FallbackManager&) = delete;

  /// Decides from `health` and enters the mode that follows, unless a pin or the recovery options
  /// hold it back.
  Result<Evaluation> cascade(const HealthState& health);

  /// What cascade would do now. Changes nothing, not even the count of good evaluations.
  Result<Evaluation> dry_run(const HealthState& health) const;

  /// Enters `mode` (in any case) and pins it, for `lasting` or until it is released. It is kept on
  /// this host, too, before success is reported; where the store alone could keep it, a warning
  /// says so. Errors: invalid_argument for a word that is not a mode, or a time of zero or less;
  /// those of the store where it cannot be kept at all.
  Result<Evaluation> set_mode(std::string_view mode, std::optional<Millis> lasting = std::nullopt,
                              std::string reason = {});

  /// Takes the pin away. The mode stays until the next evaluation.
  Result<Evaluation> release();

  /// Starts anew on purpose, in primary mode, in the store and on this host: the pin, calls that
  /// are owed and decisions that wait here are given up, and every host takes what the store says
  /// now. The history stays, with a record of this. Errors: also where the store is away.
  Result<Evaluation> forget();

  /// Brings to the store what waits here for it and what it has lost, without asking for the mode.
  /// An outage is not an error: it is told.
  Result<StoreStatus> reconcile();

  /// The votes that stand. An outage is an error: nobody knows them then.
  Result<Votes> votes();

  /// The callbacks that are owed, and those that ended last. In an outage, what this host knew
  /// last.
  Result<CallbackList> callbacks();

  /// Makes the callback that `name` names (its epoch, or, of one without an epoch, the token that
  /// callbacks() shows) due at once, with all its attempts and all its time, and runs it if this
  /// host has such a callback; also one that was given up or dropped. Errors: invalid_argument
  /// where there is none, it is running, or it has run.
  Result<CallbackList> retry_callback(std::string_view name);

  /// Takes it off the list. Errors: invalid_argument where none is owed, or it is running.
  Result<CallbackList> drop_callback(std::string_view name);

  /// The mode and what is known of it, without evaluating. A pin that has expired is not shown.
  Result<Evaluation> status();

  /// The same, without changing anything anywhere and without making a call that is owed.
  Result<Evaluation> peek() const;

  /// The newest `limit` transitions, oldest first; without the records of what was done with pins.
  Result<std::vector<Transition>> transitions_log(std::size_t limit = 50);

  /// The mode, the number of transitions (the epoch) and the last ten of them.
  Result<FallbackMetrics> metrics();

  /// Adds what is done on entering `mode`, in the order of registration. `limits.timeout` is that
  /// of this callback; the other limits of the mode are those given last.
  void register_mode_callback(Mode mode, ModeCallback callback, CallbackLimits limits = {});

 private:
  class [[gnu::visibility("hidden")]] Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rz
#pragma GCC visibility pop
