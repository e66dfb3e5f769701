#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/cond/condition.h"
#include "rz/fallback/mode.h"

namespace rz {

/// The default rules of the notes, with their thresholds.
struct PolicyOptions {
  std::int64_t failed_components = 2;  ///< So many failed or more: SAFE.
  std::int64_t retry_failures = 50;    ///< More than so many within the window: HEURISTIC.
  bool resources_critical = true;      ///< Resources critical: SAFE.
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

struct AuditLimits {
  std::optional<std::int64_t> max_transitions;
  std::optional<Millis> max_degraded;
  std::optional<Millis> max_safe;
  std::optional<std::int64_t> max_flaps;
};

struct FallbackOptions {
  PolicyOptions policy;
  std::vector<RuleOptions> rules;
  RecoveryOptions recovery;
  std::map<Mode, CommandOptions> callbacks;
  std::vector<ActionOptions> actions;
  DetectorOptions primary_detector;
  DetectorOptions heuristic_detector;
  Millis retention{std::chrono::hours{24 * 90}};
  AuditLimits audit;
};

}  // namespace rz
