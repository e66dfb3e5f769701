#include "rz/reports/fallback_metrics.h"

#include <utility>

#include "rz/fallback/history/transition.h"

namespace rz::reports {

Value to_value(const FallbackMetrics& metrics) {
  Value transitions = Value::array();
  for (const Transition& each : metrics.recent_transitions) {
    transitions.push_back(rz::to_value(each));
  }
  return Value::object({{"current_mode", to_string(metrics.mode.mode)},
                        {"is_degraded", metrics.mode.is_degraded()},
                        {"is_safe_mode", metrics.mode.is_safe_mode()},
                        {"total_transitions", metrics.mode.epoch},
                        {"recent_transitions", std::move(transitions)}});
}

}  // namespace rz::reports
