#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/cond/condition.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// One registered fallback that FallbackActions::evaluate looked at.
struct FallbackRun {
  std::string name;
  bool held = false;             ///< Whether its condition held, and so its action ran.
  std::optional<Error> error{};  ///< Of the condition or of the action.
};

/// The registered fallbacks: actions that run while a condition holds. Thread-safe. Does not own
/// the storage or the clock, which must outlive it.
class FallbackActions {
 public:
  explicit FallbackActions(Storage& storage, Clock& clock = SystemClock::instance())
      : storage_(storage), clock_(clock) {}

  /// Adds an action to run when `condition` holds for the values given to evaluate, and stores its
  /// definition at `fallback:definition:<name>`. One of the same name is replaced.
  /// Errors: parse (the condition), invalid_argument (an empty name), and those of Storage.
  Result<void> add(std::string name, std::string_view condition,
                   std::function<Result<void>()> action, Value metadata = Value::object(),
                   const ConditionOptions& conditions = {});

  /// Runs the action of each fallback whose condition holds, in order of registration.
  std::vector<FallbackRun> evaluate(const ConditionContext& context) const;

 private:
  struct Fallback {
    std::string name;
    Condition condition;
    std::function<Result<void>()> action;
  };

  Storage& storage_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<Fallback> fallbacks_;
};

}  // namespace rz::fallback
