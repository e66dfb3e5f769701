#include "rz/fallback/anomaly_detection.h"

#include <string_view>
#include <utility>

namespace rz::fallback {

Value AnomalyDetection::detect(Mode mode, const Value& telemetry) const {
  const auto conservative = [](std::string_view why) {
    return Value::object({{"anomaly", false}, {"confidence", 0.0}, {"mode", why}});
  };
  if (mode == Mode::safe) return conservative("safe");
  Detector* detector = mode == Mode::primary ? primary_.get() : heuristic_.get();
  if (detector == nullptr) {
    return conservative(mode == Mode::primary ? "primary_unavailable" : "heuristic_unavailable");
  }
  auto answer = detector->detect(telemetry);
  if (answer) return std::move(*answer);
  Value failed = conservative("error");
  failed.set("error", to_string(answer.error()));
  return failed;
}

}  // namespace rz::fallback
