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
};

/// How recovery is held back. Worsening is never held back.
struct RecoveryOptions {
  int good_evaluations = 1;  ///< So many in a row that call for a better mode.
  Millis dwell{0};           ///< At least so long in a mode before leaving it for a better one.
  bool stepwise = false;     ///< SAFE to HEURISTIC to PRIMARY, one step an evaluation.
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
  PolicyOptions policy;
  std::vector<RuleOptions> rules;
  RecoveryOptions recovery;
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
