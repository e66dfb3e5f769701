#include "rz/reports/fallback_metrics.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"
#include "rz/base/timestamp.h"

namespace rz::reports {
namespace {

TEST_CASE("metrics of the mode in the shape of the notes") {
  CHECK(to_json(to_value(FallbackMetrics{})) ==
        R"({"current_mode":"primary","is_degraded":false,"is_safe_mode":false,)"
        R"("total_transitions":0,"recent_transitions":[]})");
  FallbackMetrics metrics;
  metrics.mode.mode = Mode::safe;
  metrics.mode.epoch = 7;
  const Transition last{*parse_timestamp("2026-01-02T03:04:05Z"),
                        Mode::primary,
                        Mode::safe,
                        "why",
                        trigger::kEvaluation,
                        "ops",
                        "db1",
                        7};
  metrics.recent_transitions = {last};
  const Value value = to_value(metrics);
  CHECK(*value.find("is_safe_mode") == Value(true));
  CHECK(*value.find("total_transitions") == Value(7));
  CHECK(*value.find("recent_transitions") == Value::array({rz::to_value(last)}));
}

}  // namespace
}  // namespace rz::reports
