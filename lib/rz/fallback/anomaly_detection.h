#pragma once

#include <memory>

#include "rz/base/value.h"
#include "rz/fallback/detector.h"
#include "rz/fallback/mode.h"

namespace rz::fallback {

/// Asks the detector of a mode, and answers conservatively where there is none. As thread-safe as
/// its detectors.
class AnomalyDetection {
 public:
  /// Null: the mode has no detector.
  AnomalyDetection(std::unique_ptr<Detector> primary, std::unique_ptr<Detector> heuristic)
      : primary_(std::move(primary)), heuristic_(std::move(heuristic)) {}

  /// What the detector of `mode` says. SAFE, a missing detector and any failure answer `{"anomaly":
  /// false, "confidence": 0.0, "mode": "safe" | "primary_unavailable" | "heuristic_unavailable" |
  /// "error", "error": …}`.
  Value detect(Mode mode, const Value& telemetry) const;

 private:
  std::unique_ptr<Detector> primary_;
  std::unique_ptr<Detector> heuristic_;
};

}  // namespace rz::fallback
