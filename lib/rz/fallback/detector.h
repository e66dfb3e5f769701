#pragma once

#include <memory>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/cond/condition.h"
#include "rz/fallback/fallback_options.h"

namespace rz::fallback {

/// Tells whether a telemetry record is an anomaly. Implementations are thread-safe.
class Detector {
 public:
  virtual ~Detector() = default;

  /// An object with `anomaly` (boolean) and `confidence` (number from 0 to 1), and whatever else
  /// the detector says. Errors: whatever kept it from an answer.
  virtual Result<Value> detect(const Value& telemetry) = 0;
};

/// A program: the record as JSON on its standard input, the answer as JSON on its standard output,
/// exit code 0, within its timeout. Never run through a shell.
std::unique_ptr<Detector> make_command_detector(CommandOptions options);

/// A condition over the record's members: `{"anomaly": …, "confidence": 1.0 or 0.0, "mode":
/// "heuristic"}`.
std::unique_ptr<Detector> make_condition_detector(Condition condition);

/// The detector that the options describe; null if they describe none.
std::unique_ptr<Detector> make_detector(const DetectorOptions& options);

/// The members of an object that a condition can use; nested ones are left out.
ConditionContext context_from(const Value& object);

}  // namespace rz::fallback
