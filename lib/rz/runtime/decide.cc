#include "rz/runtime/decide.h"

#include <string>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/fallback/history/transition.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/component_registry.h"
#include "rz/runtime/tell.h"

namespace rz::runtime {
namespace {

Result<void> run_actions(Runtime& runtime, const Value& telemetry) {
  const auto actions = runtime.actions();
  if (!actions) return fail(actions.error());
  for (const fallback::FallbackRun& run : (*actions)->evaluate(fallback::context_from(telemetry))) {
    const std::string name = "action '" + run.name + "'";
    if (run.error) {
      runtime.notices().warn(name + ": " + to_string(*run.error));
    } else if (run.held) {
      runtime.notices().note(name + " was run");
    }
  }
  return {};
}

// Names the kinds of records that cannot be read; the warnings name each.
std::string doubt_about(const std::vector<Error>& unreadable) {
  bool components = false;
  bool breakers = false;
  bool others = false;
  for (const Error& error : unreadable) {
    const bool component = error.where.starts_with(kComponents);
    const bool breaker = error.where.starts_with(kBreakers);
    components = components || component;
    breakers = breakers || breaker;
    others = others || (!component && !breaker);
  }
  std::vector<std::string> kinds;
  if (components) kinds.emplace_back("of components");
  if (breakers) kinds.emplace_back("of circuit breakers");
  if (others) kinds.emplace_back("of retries or the start");
  return "records " + join(kinds, " and ") + " cannot be read";
}

}  // namespace

Result<Evaluation> decide(Runtime& runtime, const Observation& seen, const DecideOptions& options) {
  const auto manager = runtime.manager({options.sink, options.deadline, &seen, true});
  if (!manager) return fail(manager.error());
  auto decided =
      options.dry_run ? (*manager)->dry_run(seen.state) : (*manager)->cascade(seen.state);
  if (decided && !seen.state.unreadable.empty()) {
    decided->store.add_doubt(doubt_about(seen.state.unreadable));
  }
  return decided;
}

Result<HealthState> comprehensive_state(Runtime& runtime) {
  auto seen = runtime.observe();
  if (!seen) return fail(std::move(seen).error());
  if (seen->outage) return fail(*seen->outage);
  const auto manager = runtime.manager({.after = &*seen});
  if (!manager) return fail(manager.error());
  const auto metrics = (*manager)->metrics();
  if (!metrics) return fail(metrics.error());
  tell(metrics->store, runtime.notices());
  HealthState& state = seen->state;
  state.fallback.mode = to_string(metrics->mode.mode);
  state.fallback.cascade_log = Value::array();
  for (const Transition& each : metrics->recent_transitions) {
    state.fallback.cascade_log.push_back(to_value(each));
  }
  return std::move(state);
}

Result<Value> detect(Runtime& runtime, const Value& telemetry) {
  const auto manager = runtime.manager();
  if (!manager) return fail(manager.error());
  const auto detection = runtime.detection();
  if (!detection) return fail(detection.error());
  const auto known = (*manager)->peek();
  if (!known) return fail(known.error());
  tell(known->store, runtime.notices());
  Value answer = detection->detect(known->after.mode, telemetry);
  if (auto ran = run_actions(runtime, telemetry); !ran) return fail(std::move(ran).error());
  return answer;
}

}  // namespace rz::runtime
