#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/cond/condition.h"
#include "rz/fallback/mode.h"
#include "rz/health/check_options.h"

#pragma GCC visibility push(default)
namespace rz {

/// The default rules, which the old system had, with their thresholds.
struct PolicyOptions {
  std::int64_t failed_components = 2;  ///< So many failed or more: SAFE.
  std::int64_t retry_failures = 50;    ///< More than so many within the window: HEURISTIC.
  bool resources_critical = true;      ///< Resources critical: SAFE.
  /// More unknown components than this: it cannot be told how the system is. Nothing (`all`): when
  /// every component that has not failed is unknown.
  std::optional<std::int64_t> unknown_components{};
};

/// A rule of the config: when the condition holds over the state's variables (policy.h), at least
/// this mode.
struct RuleOptions {
  std::string name;
  Condition when;
  Mode mode = Mode::heuristic;
  /// The rule fires once `when` held in every evaluation of a host for so long.
  Millis lasting{0};
  /// Once it has fired it goes on until this holds and `when` does not; nothing: until `when` does
  /// not hold.
  std::optional<Condition> until{};
};

/// Whose evaluations the mode follows. A host that calls for a worse mode than PRIMARY leaves a
/// vote, and the mode is the worst for which enough votes stand.
struct VoteOptions {
  int quorum = 1;                       ///< Votes of so many hosts.
  Millis ttl{std::chrono::minutes{5}};  ///< How long one stands after it was cast or renewed.
  std::string voter{};                  ///< In whose name this host votes; empty: its own.
};

/// How recovery is held back. Worsening is never held back.
struct RecoveryOptions {
  int good_evaluations = 1;  ///< So many of one host in a row that call for a better mode.
  /// A host calls for the worst mode that it called for within this time.
  Millis window{0};
  Millis dwell{0};  ///< At least so long in a mode before leaving it for a better one.
  /// A mode that is entered again within this time after it was left has twice the dwell, up to
  /// this; each time so long without it halves that again. 0: the dwell stays as it is.
  Millis dwell_max{0};
  bool stepwise = false;  ///< SAFE to HEURISTIC to PRIMARY, one step an evaluation.
};

/// When the evaluations of a host flap: shares of change, in percent (fallback/flapping.h).
struct FlappingOptions {
  double low = 20;   ///< At or below it, no more.
  double high = 30;  ///< At or above it, from now on.
};

/// A program to run; `{from} {to} {reason} {epoch} {timestamp}` in its arguments are replaced.
struct CommandOptions {
  std::vector<std::string> command;
  Millis timeout{30'000};
};

/// What is done on entering a mode.
struct CallbackOptions {
  CommandOptions run;
  int attempts = 3;                          ///< So many runs that fail; then it is given up.
  Millis max_age{std::chrono::minutes{15}};  ///< After the transition; then it is given up.
};

struct ActionOptions {
  std::string name;
  std::string when;  ///< Over the whitelist of `conditions`.
  CommandOptions run;
};

/// A detector: a program (JSON in, JSON out) or, for the heuristic one, a condition.
struct DetectorOptions {
  std::optional<CommandOptions> command;
  std::optional<Condition> when;
};

/// What a history may have at most, and how it is looked at. A limit without a value does not
/// apply.
struct AuditOptions {
  std::optional<std::int64_t> max_transitions{};
  std::optional<Millis> max_degraded{};
  std::optional<Millis> max_safe{};
  std::optional<std::int64_t> max_flaps{};
  std::optional<Millis> max_unknown{};
  std::optional<double> slo{};  ///< Percent of the time in PRIMARY, above 0 and below 100.
  Millis window{std::chrono::hours{24 * 30}};    ///< That the history is audited over.
  Millis flap_window{std::chrono::minutes{10}};  ///< Back within this: a flap.
  std::vector<MaintenanceWindow> maintenance{};  ///< Times that do not count.
  std::string timezone{};                        ///< Of days and weeks; empty: that of the process.
};

struct FallbackOptions {
  std::string scope;  ///< A mode and a history of its own; empty: those of the whole system.
  PolicyOptions policy;
  std::vector<RuleOptions> rules;
  VoteOptions votes;
  RecoveryOptions recovery;
  std::optional<FlappingOptions> flapping;  ///< Nothing: it is not watched for.
  /// So long without an evaluation, nobody looks any more; nothing: that is not asked.
  std::optional<Millis> stale_after;
  std::map<Mode, CallbackOptions> callbacks;
  std::vector<ActionOptions> actions;
  DetectorOptions primary_detector;
  DetectorOptions heuristic_detector;
  Millis pin{std::chrono::hours{1}};  ///< Of a pin that names no time.
  /// How old what this host knew last may be to be a yes while the store is away.
  Millis max_age_offline{std::chrono::hours{1}};
  Millis retention{std::chrono::hours{24 * 90}};
  AuditOptions audit;
};

}  // namespace rz
#pragma GCC visibility pop
