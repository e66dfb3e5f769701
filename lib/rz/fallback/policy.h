#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode.h"
#include "rz/health/health_state.h"

namespace rz::fallback {
struct RuleInputs;  // Internal: rule_clock.h.
}  // namespace rz::fallback

#pragma GCC visibility push(default)
namespace rz {

/// What one rule said of a state.
struct RuleVerdict {
  std::string name;  ///< `multiple_failures circuit_open …`, or `rule(NAME)` for one of the config.
  Mode mode;         ///< What it calls for when it fires.
  bool fired = false;
  std::string inputs;  ///< What it looked at, with the values: `failed_components = 1`.
  std::string limit;   ///< When it fires: `failed_components >= 2`.
  std::string reason;  ///< Its part of the reason, if it fired: `multiple_failures(2)`.
  /// Of a rule with a `for` or an `until`: what it waits for, as in `for 2m: 1m 20s left`; empty:
  /// nothing.
  std::string waits{};
  /// The condition that alone would turn `fired`, once it had the other answer; empty: none would.
  std::string turned_by{};
  bool turned_to = false;  ///< That answer.
};

/// A decision and how it came about.
struct Decision {
  Mode mode = Mode::primary;
  std::string reason;  ///< Those of the rules that fired, joined by `; `; `recovered` if none did.
  std::vector<RuleVerdict> rules;  ///< All of them, the default rules first.
  /// Why the mode is uncertain, a sentence; empty: it is certain. So many components are unknown
  /// that they may call for a worse mode. SAFE, the worst, is always certain.
  std::string undecided{};
  /// Why a better mode is not entered, although nothing that counts speaks against it; empty: it
  /// may be.
  std::string waits_for{};
  /// The run of the checks was void (HealthState::void_because): the mode stays as it is, and
  /// `undecided` says why.
  bool is_void = false;
  /// Which components are not healthy, and what they said, the worst first: `pay: queue is stuck;
  /// web: got 500, expected 200`. Printable, of at most kMaxDetail columns; empty if there are
  /// none.
  std::string detail{};
  /// By which changes the rules would call for another mode, a sentence each, where somebody asked:
  /// mode_changes.h.
  std::vector<std::string> changes{};
};

/// Columns of a Decision's detail: it stands in a record, in the environment and on a line.
inline constexpr std::size_t kMaxDetail = 500;

/// Decides the mode from the health. A pure function of the state; FallbackManager considers what
/// happened before. The worst mode that a rule calls for wins. The default rules and the form of
/// the reasons are those of the old system. Thread-safe.
class Policy {
 public:
  Policy() = default;
  explicit Policy(PolicyOptions options, std::vector<RuleOptions> rules = {});

  /// As a host decides that remembers nothing, in primary mode: the `for` of each rule counts as
  /// over, and no rule fires still.
  /// Errors: those of evaluating a rule's condition (an overflow, a division by zero); the message
  /// names the rule. A rule that fails is never skipped, because it may call for a worse mode.
  Result<Decision> decide(const HealthState& state) const;

  /// The same with what is remembered of earlier evaluations, which is brought up to date.
  Result<Decision> decide(const HealthState& state, fallback::RuleInputs& inputs) const;

 private:
  Result<Decision> decide(const HealthState& state, fallback::RuleInputs* inputs) const;
  std::string why_undecided(const HealthState& state) const;

  PolicyOptions options_;
  std::vector<RuleOptions> rules_;
};

}  // namespace rz
#pragma GCC visibility pop
