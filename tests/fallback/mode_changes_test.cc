#include "rz/fallback/mode_changes.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/base/text.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

std::string changes_in(const HealthState& state, std::vector<RuleOptions> rules = {}) {
  const Decision decision = ok(Policy({}, std::move(rules)).decide(state));
  return join(changes_of_mode(decision, state, {}), "; ");
}

TEST_CASE("each rule that could turn the mode alone says by what") {
  CHECK(changes_in(failed(1)) ==
        "safe with failed_components at least 2 (it is 1); "
        "safe with resources \"critical\" (it is \"unknown\"); "
        "heuristic with circuit_state \"OPEN\" (it is \"UNKNOWN\"); "
        "heuristic with failures_1h at least 51 (it is 0)");
  // Two rules hold it: neither alone lets it go.
  HealthState both = failed(3);
  both.resources.overall = "critical";
  CHECK(changes_in(both) == "");
  // Below safe the breaker is what is left.
  HealthState open = circuit_open(1);
  open.system.failed_components = 2;
  CHECK(changes_in(open) == "heuristic with failed_components at most 1 (it is 2)");
}

TEST_CASE("rules of the configuration say so, too") {
  const RuleOptions rule{"slow", ok(parse_condition("failures_1h > 10 and cpu_percent > 50",
                                                    {.variables = policy_variables()}))};
  HealthState state;
  state.retry.failures_1h = 20;
  state.resources.cpu_percent = 30;
  CHECK(changes_in(state, {rule}).find("heuristic with cpu_percent") != std::string::npos);
}

}  // namespace
}  // namespace rz::fallback
