#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy.h"

namespace rz::fallback {

/// A planned change of the state: the state to be written, and what the history records of it.
///
/// The functions below make a plan from a state, what is wanted and a time, without side effects.
/// ModeKeeper adds who wrote it, its version, epoch and tokens when it carries the plan out; only
/// plan_forgetting() draws a token, that of the new lineage.
struct ModePlan {
  ModeState next{};       ///< Equal to the old one: there is nothing to do.
  std::string trigger{};  ///< Of the record, if there is one.
  /// The reason in the record of a plan that keeps the mode; nothing: no record. A change of mode
  /// is always recorded, with the reason of `next`.
  std::optional<std::string> record_reason{};
  std::string detail{};  ///< Of the record.
  /// Why a better mode that was called for is not entered; empty: none was, or it is entered.
  std::string held{};
  std::string remark{};  ///< What the caller should know; empty: nothing.
};

/// Makes a plan from the state that is found, at a time. It is called once to see whether the time
/// that all hosts share is needed, then again to decide by it, and again if another process changed
/// the state first: the last call is the one that counts, also for what a planner notes beside its
/// plan.
using ModePlanner = std::function<ModePlan(const ModeState&, TimePoint now)>;

/// Who does what a person orders.
struct Person {
  std::string actor;
  std::string host;

  std::string name() const { return actor + "@" + host; }
};

/// Why a better mode must not follow from `decision`, a sentence: not all is known. Empty: it may.
/// `complete`: HealthState::complete.
std::string why_not_recover(const Decision& decision, bool complete);

/// How long `state` has been in its mode.
Micros time_in_mode(const ModeState& state, TimePoint now);

/// The least time that `state` must be in its mode before it is left for a better one.
Micros dwell_of(const ModeState& state, const RecoveryOptions& recovery);

/// How much of that is left.
Micros dwell_left(const ModeState& state, const RecoveryOptions& recovery, TimePoint now);

/// `recovery is held back: 1 of 2 good evaluations, 5s of window left, 1s of dwell left`.
std::string describe_hold(const RecoveryOptions& recovery, std::int64_t good, Micros window_left,
                          Micros dwell_left);

/// A plan from an evaluation, or from what the votes make of it. A pin that has not run out
/// outranks it. Otherwise a worse mode is entered at once; a better one waits as `recovery` says,
/// and while the health is not wholly known
/// (`complete` is false, or `decision.undecided` or `decision.waits_for` says why). After a void
/// run the mode stays.
ModePlan plan_evaluation(const ModeState& state, const Decision& decision, bool complete,
                         const RecoveryOptions& recovery, TimePoint now);

/// Enters `mode` and pins it, for `lasting` or until it is released.
ModePlan plan_pin(const ModeState& state, Mode mode, std::optional<Millis> lasting,
                  const std::string& reason, const Person& by, TimePoint now);

/// Takes the pin away; the mode stays.
ModePlan plan_release(const ModeState& state, const Person& by);

/// A new state in primary mode, with a new lineage, which replaces `state` and what this host knew
/// of it, `known`.
ModePlan plan_forgetting(const ModeState& state, const std::optional<ModeState>& known,
                         const Person& by);

}  // namespace rz::fallback
