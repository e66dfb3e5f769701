#include "rz/fallback/fallback_actions.h"

#include <utility>

#include "rz/base/json.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {

Result<void> FallbackActions::add(std::string name, std::string_view condition,
                                  std::function<Result<void>()> action, Value metadata,
                                  const ConditionOptions& conditions) {
  if (name.empty()) return fail(ErrorCode::invalid_argument, "a fallback needs a name");
  auto parsed = parse_condition(condition, conditions);
  if (!parsed) return fail(std::move(parsed).error());
  const Value definition = Value::object({{"name", name},
                                          {"condition", condition},
                                          {"metadata", std::move(metadata)},
                                          {"registered_at", format_timestamp(clock_.now())}});
  if (auto stored = storage_.set("fallback:definition:" + name, to_json(definition)); !stored) {
    return stored;
  }
  std::lock_guard lock(mutex_);
  std::erase_if(fallbacks_, [&](const Fallback& fallback) { return fallback.name == name; });
  fallbacks_.push_back({std::move(name), std::move(*parsed), std::move(action)});
  return {};
}

std::vector<FallbackRun> FallbackActions::evaluate(const ConditionContext& context) const {
  std::vector<Fallback> fallbacks;
  {
    std::lock_guard lock(mutex_);
    fallbacks = fallbacks_;
  }
  std::vector<FallbackRun> runs;
  for (const Fallback& fallback : fallbacks) {
    FallbackRun& run = runs.emplace_back(FallbackRun{fallback.name});
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

}  // namespace rz::fallback
