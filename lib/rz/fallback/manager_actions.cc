// What hangs on the mode: registered fallbacks, and detectors.

#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/manager.h"

namespace rz {

Result<void> FallbackManager::register_fallback(std::string name, std::string_view condition,
                                                std::function<Result<void>()> action,
                                                Value metadata,
                                                const ConditionOptions& conditions) {
  if (name.empty()) return fail(ErrorCode::invalid_argument, "a fallback needs a name");
  auto parsed = parse_condition(condition, conditions);
  if (!parsed) return fail(std::move(parsed).error());
  const Value definition = Value::object({{"name", name},
                                          {"condition", condition},
                                          {"metadata", std::move(metadata)},
                                          {"registered_at", format_timestamp(clock_.now())}});
  if (auto stored = store_.storage().set("fallback:definition:" + name, to_json(definition));
      !stored) {
    return stored;
  }
  std::lock_guard lock(mutex_);
  std::erase_if(fallbacks_, [&](const Fallback& fallback) { return fallback.name == name; });
  fallbacks_.push_back({std::move(name), std::move(*parsed), std::move(action)});
  return {};
}

std::vector<FallbackRun> FallbackManager::evaluate_fallbacks(
    const ConditionContext& context) const {
  std::vector<Fallback> fallbacks;
  {
    std::lock_guard lock(mutex_);
    fallbacks = fallbacks_;
  }
  std::vector<FallbackRun> runs;
  for (const Fallback& fallback : fallbacks) {
    FallbackRun& run = runs.emplace_back(FallbackRun{fallback.name, false, std::nullopt});
    const auto holds = fallback.condition.evaluate(context);
    if (!holds) {
      run.error = holds.error();
    } else if (*holds) {
      run.held = true;
      if (auto done = fallback.action(); !done) run.error = std::move(done).error();
    }
  }
  return runs;
}

void FallbackManager::set_detectors(std::unique_ptr<Detector> primary,
                                    std::unique_ptr<Detector> heuristic) {
  std::lock_guard lock(mutex_);
  primary_ = std::move(primary);
  heuristic_ = std::move(heuristic);
}

Result<Value> FallbackManager::detect_anomaly(const Value& telemetry) const {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  const auto conservative = [](std::string_view why) {
    return Value::object({{"anomaly", false}, {"confidence", 0.0}, {"mode", why}});
  };
  if (*mode == Mode::safe) return conservative("safe");
  std::shared_ptr<Detector> detector;
  {
    std::lock_guard lock(mutex_);
    detector = *mode == Mode::primary ? primary_ : heuristic_;
  }
  if (!detector) {
    return conservative(*mode == Mode::primary ? "primary_unavailable" : "heuristic_unavailable");
  }
  auto answer = detector->detect(telemetry);
  if (answer) return answer;
  Value failed = conservative("error");
  failed.set("error", to_string(answer.error()));
  return failed;
}

}  // namespace rz
