#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/default_rules.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/health_plan.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/replay/state_record.h"

namespace rz::fallback {

/// What a policy would have made of recorded states.
struct SimulatedHistory {
  std::int64_t transitions = 0;
  std::array<Micros, 3> time_in{};   ///< In each mode, from the first state to the last.
  std::vector<Transition> newest{};  ///< At most kShownTransitions, the newest last.
  Mode mode = Mode::primary;         ///< At the end.
};

inline constexpr std::size_t kShownTransitions = 20;

/// Runs recorded states of one host or of many through `fallback.policy`, `rules`, `votes`,
/// `recovery` and `flapping`, by the code that decides in earnest: the rules, ballots, votes that
/// run out, and plans; from primary, without pins, and with every evaluation done in its turn.
class PolicySimulation {
 public:
  explicit PolicySimulation(const FallbackOptions& options);

  /// Whether a state would surely change nothing, so that it need not be read whole: nobody votes,
  /// and its host remembers nothing and calls for primary. Time passes all the same.
  /// Errors: those of a rule.
  Result<bool> is_quiet(const RecordHead& head);

  /// An evaluation. States come in the order of their times; one that is earlier counts as of the
  /// time of the one before it. Errors: those of a rule.
  Result<void> evaluate(const StateRecord& record);

  /// Lets time pass until then.
  void pass_to(TimePoint now);

  SimulatedHistory history() const;

 private:
  struct SimulatedHost {
    std::optional<Vote> vote{};
    TimePoint vote_ends{};
    HostMemory memory{};
  };
  /// A rule as it is asked quickly: which values of the table it takes.
  struct QuickRule {
    Condition when;
    std::vector<std::size_t> places{};
  };

  struct QuickDefaultRule {
    const DefaultRule& rule;
    std::size_t place;
  };

  Result<bool> calls_for_worse(const RecordHead& head);
  Election election_of(const std::string& host);
  void note(const ModeState& next, const HealthPlan& made);

  const FallbackOptions options_;
  const Policy policy_;
  HoldOptions hold_options_;
  std::vector<QuickDefaultRule> quick_default_rules_{};
  std::vector<QuickRule> quick_rules_{};
  bool can_be_quick_ = true;  ///< Whether no rule asks for what is not in a RecordHead.
  ModeState state_{};
  std::map<std::string, SimulatedHost, std::less<>> hosts_{};  ///< Those that have anything.
  std::optional<TimePoint> now_{};
  SimulatedHistory history_{};
  std::vector<ConditionValue> values_{};  ///< Of one rule.
};

}  // namespace rz::fallback
