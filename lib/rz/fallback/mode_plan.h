#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy.h"

namespace rz {

/// What is wanted of a state: the state to be written, and what is recorded of it.
///
/// The functions below go from a state, a wish and a time to a plan, and touch nothing else. Who
/// wrote it, its version, epoch and tokens are added by whoever carries it out; the token of a
/// memory that begins anew is drawn here.
struct ModePlan {
  ModeState next;       ///< Equal to the old one: there is nothing to do.
  std::string trigger;  ///< Of the record, if there is one.
  /// What the record says where the mode stays; a change of mode is always recorded, with the
  /// reason of `next`. Nothing: no record.
  std::optional<std::string> record_reason;
  std::string detail;  ///< Of the record.
  std::string held;    ///< Why a better mode was called for and not entered; empty: it was not.
  std::string remark;  ///< What the caller should know; empty: nothing.
};

/// Makes a plan for the state that is found. Called again where another process was first.
using ModePlanner = std::function<ModePlan(const ModeState&, TimePoint now)>;

/// Who does what a person orders.
struct Person {
  std::string actor;
  std::string host;

  std::string name() const { return actor + "@" + host; }
};

/// From an evaluation. A pin that has not run out outranks it, whatever it says. Else worsening is
/// never held back; recovery is, by the options, and where the health is not wholly known
/// (`complete` false, or decision.undecided).
ModePlan plan_evaluation(const ModeState& state, const Decision& decision, bool complete,
                         const RecoveryOptions& recovery, TimePoint now);

/// Enters `mode` and pins it, for `lasting` or until it is released.
ModePlan plan_pin(const ModeState& state, Mode mode, std::optional<Millis> lasting,
                  const std::string& reason, const Person& by, TimePoint now);

/// Takes the pin away; the mode stays.
ModePlan plan_release(const ModeState& state, const Person& by);

/// A state without a memory, in primary mode, which takes the place of `state` and of `known`,
/// what this host knew of it.
ModePlan plan_forgetting(const ModeState& state, const std::optional<ModeState>& known,
                         const Person& by);

}  // namespace rz
