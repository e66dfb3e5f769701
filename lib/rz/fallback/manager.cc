#include "rz/fallback/manager.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/identity.h"

namespace rz {
namespace {

// Each lost race means that another process won one, so that many rounds mean many transitions.
constexpr int kMaxRaces = 100;

std::string remaining(const RecoveryOptions& recovery, std::int64_t good, Micros dwelt) {
  std::string held = "recovery is held back: " + std::to_string(good) + " of " +
                     std::to_string(recovery.good_evaluations) + " good evaluations";
  if (dwelt < recovery.dwell) {
    held += ", " + humanize_duration(recovery.dwell - dwelt) + " of dwell left";
  }
  return held;
}

}  // namespace

FallbackManager::FallbackManager(Storage& storage, FallbackManagerOptions options, Clock& clock,
                                 MetricsSink* sink)
    : storage_(storage),
      options_(std::move(options)),
      clock_(clock),
      sink_(sink),
      log_(storage, options_.retention) {
  if (options_.actor.empty()) options_.actor = user_name();
  if (options_.host.empty()) options_.host = host_name();
}

Result<FallbackManager::Snapshot> FallbackManager::read() const {
  auto bytes = storage_.get(kModeStateKey);
  if (!bytes) return fail(std::move(bytes).error());
  if (!*bytes) return Snapshot{};
  auto state = decode_mode_state(**bytes);
  if (!state) return fail(std::move(state).error());
  return Snapshot{std::move(*state), std::move(*bytes)};
}

Result<CascadeOutcome> FallbackManager::cascade(const HealthState& health) {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto outcome = apply([&](const ModeState& state, TimePoint now) {
    return plan_evaluation(state, *decision, now);
  });
  if (outcome) outcome->decision = std::move(*decision);
  return outcome;
}

Result<CascadeOutcome> FallbackManager::dry_run(const HealthState& health) const {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  const auto before = read();
  if (!before) return fail(before.error());
  const TimePoint now = clock_.now();
  const Plan plan = plan_evaluation(before->state, *decision, now);
  CascadeOutcome outcome = outcome_of(plan.next, now);
  outcome.previous = before->state.mode;
  outcome.changed = outcome.mode != outcome.previous;
  outcome.held = plan.held;
  outcome.decision = std::move(*decision);
  return outcome;
}

// Worsening is never held back; recovery is, by the options.
FallbackManager::Plan FallbackManager::plan_evaluation(const ModeState& state,
                                                       const Decision& decision,
                                                       TimePoint now) const {
  Plan plan{state, "evaluation", {}};
  if (state.pin) {
    if (state.pin->active(now)) return plan;
    plan.next.pin.reset();
    plan.trigger = "pin_expired";
  }
  Mode target = decision.mode;
  if (target < state.mode) {
    const RecoveryOptions& recovery = options_.recovery;
    const std::int64_t good = state.good_evaluations + 1;
    // A clock that is behind the one that wrote `since` must not hold back by itself.
    const Micros dwelt = std::max(now - state.since, Micros{0});
    if (good < recovery.good_evaluations || dwelt < recovery.dwell) {
      plan.next.good_evaluations = good;
      plan.held = remaining(recovery, good, dwelt);
      return plan;
    }
    if (recovery.stepwise) target = static_cast<Mode>(static_cast<int>(state.mode) - 1);
  }
  plan.next.good_evaluations = 0;
  plan.next.mode = target;
  if (target != state.mode) plan.next.reason = decision.reason;
  return plan;
}

Result<CascadeOutcome> FallbackManager::set_mode(std::string_view mode,
                                                 std::optional<Millis> lasting,
                                                 std::string reason) {
  const auto target = parse_mode(mode);
  if (!target) {
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(mode) + "' is no mode; it is one of primary, heuristic, safe");
  }
  if (lasting && *lasting <= Millis{0}) {
    return fail(ErrorCode::invalid_argument, "a pin must last longer than no time at all");
  }
  if (reason.empty()) reason = "manual";
  return apply([&](const ModeState& state, TimePoint now) {
    Plan plan{state, "manual", {}};
    plan.next.mode = *target;
    plan.next.good_evaluations = 0;
    plan.next.pin = Pin{std::nullopt, reason, options_.actor + "@" + options_.host};
    if (lasting) plan.next.pin->until = now + *lasting;
    if (*target != state.mode) plan.next.reason = reason;
    return plan;
  });
}

Result<CascadeOutcome> FallbackManager::release() {
  return apply([](const ModeState& state, TimePoint) {
    Plan plan{state, "manual", {}};
    plan.next.pin.reset();
    return plan;
  });
}

Result<CascadeOutcome> FallbackManager::apply(const Planner& planner) {
  for (int round = 0; round < kMaxRaces; ++round) {
    const auto before = read();
    if (!before) return fail(before.error());
    const TimePoint now = clock_.now();
    Plan plan = planner(before->state, now);
    const bool changed = plan.next.mode != before->state.mode;
    std::vector<std::string> warnings;
    std::optional<Transition> transition;
    if (changed) transition = make_transition(before->state, plan.next, plan.trigger, now);
    if (plan.next != before->state) {
      const auto won = write(*before, plan.next, transition, warnings);
      if (!won) return fail(won.error());
      if (!*won) continue;
    }
    CascadeOutcome outcome = outcome_of(plan.next, now);
    outcome.previous = before->state.mode;
    outcome.changed = changed;
    outcome.held = std::move(plan.held);
    outcome.warnings = std::move(warnings);
    if (transition) run_callbacks(*transition, outcome);
    emit(outcome);
    return outcome;
  }
  return fail(ErrorCode::conflict, "the mode kept changing under the decision; try again",
              std::string(kModeStateKey));
}

// A clock that is behind, or another host's, must not put a record before the one that it follows.
Transition FallbackManager::make_transition(const ModeState& before, ModeState& next,
                                            const std::string& trigger, TimePoint now) const {
  next.epoch = before.epoch + 1;
  next.since = before.epoch > 0 ? std::max(now, before.since + Micros{1}) : now;
  return Transition{next.since, before.mode,    next.mode,     next.reason,
                    trigger,    options_.actor, options_.host, next.epoch};
}

Result<bool> FallbackManager::write(const Snapshot& before, const ModeState& next,
                                    const std::optional<Transition>& transition,
                                    std::vector<std::string>& warnings) {
  ModeState written = next;
  written.writer = random_token();
  Batch batch;
  if (before.bytes) {
    batch.expect(std::string(kModeStateKey), *before.bytes);
  } else {
    batch.expect_absent(std::string(kModeStateKey));
    // On a new store there is nothing to index but what an old system may have left.
    const auto unindexed = log_.has_unindexed();
    if (!unindexed) return fail(unindexed.error());
    if (!*unindexed) batch.set(std::string(TransitionLog::kCompleteKey), "1");
  }
  batch.set(std::string(kModeStateKey), encode(written));
  if (transition) {
    Transition record = *transition;
    record.writer = written.writer;
    log_.append(batch, record);
  }

  batch.replicated = transition.has_value();

  auto won = storage_.commit(batch);
  const bool surely_not = !won && (won.error().code == ErrorCode::auth ||
                                   won.error().code == ErrorCode::invalid_argument);
  if (surely_not || (won && *won)) return won;
  auto found = find_write(written.writer, transition);
  if (!found) return won;
  // What was found need not outlive a failover.
  if (*found) {
    if (auto confirmed = confirm(); !confirmed) warnings.push_back(to_string(confirmed.error()));
  }
  return found;
}

// The answer may be lost or garbled without the write being so: the token tells.
Result<bool> FallbackManager::find_write(const std::string& token,
                                         const std::optional<Transition>& transition) const {
  const auto after = read();
  if (!after) return fail(after.error());
  if (after->state.writer == token || !transition) return after->state.writer == token;
  // Another process may have gone on from our state since; our record is still in the log.
  TransitionQuery ours;
  ours.since = transition->timestamp;
  ours.until = transition->timestamp + Micros{1};
  const auto records = log_.list(ours);
  if (!records) return fail(records.error());
  return std::any_of(records->begin(), records->end(),
                     [&](const Transition& record) { return record.writer == token; });
}

// Writes the state again as it is, so that the replicas confirm it, and with it all before it.
Result<void> FallbackManager::confirm() {
  for (int round = 0; round < kMaxRaces; ++round) {
    const auto now = read();
    if (!now) return fail(now.error());
    if (!now->bytes) break;
    const std::string key(kModeStateKey);
    Batch batch;
    batch.expect(key, *now->bytes).set(key, *now->bytes);
    batch.replicated = true;
    const auto done = storage_.commit(batch);
    if (!done) return fail(done.error());
    if (*done) return {};
  }
  return fail(ErrorCode::conflict, "the mode kept changing; whether replicas have it is not known",
              std::string(kModeStateKey));
}

void FallbackManager::run_callbacks(const Transition& transition, CascadeOutcome& outcome) const {
  std::vector<ModeCallback> callbacks;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = callbacks_.find(transition.to); found != callbacks_.end()) {
      callbacks = found->second;
    }
  }
  for (const ModeCallback& callback : callbacks) {
    if (auto done = callback(transition); !done) {
      outcome.warnings.push_back("callback for " + std::string(to_string(transition.to)) + ": " +
                                 to_string(done.error()));
    }
  }
}

CascadeOutcome FallbackManager::outcome_of(const ModeState& state, TimePoint now) const {
  CascadeOutcome outcome;
  outcome.mode = outcome.previous = state.mode;
  outcome.reason = state.reason;
  outcome.epoch = state.epoch;
  if (state.epoch > 0) outcome.since = state.since;
  if (state.pin && state.pin->active(now)) outcome.pin = state.pin;
  return outcome;
}

void FallbackManager::emit(const CascadeOutcome& outcome) const {
  if (sink_ == nullptr) return;
  sink_->emit("fallback_mode", static_cast<double>(outcome.mode));
  if (outcome.changed) {
    sink_->emit_counter("fallback_transitions_total", 1, {{"to", to_string(outcome.mode)}});
  }
}

Result<CascadeOutcome> FallbackManager::status() const {
  const auto snapshot = read();
  if (!snapshot) return fail(snapshot.error());
  return outcome_of(snapshot->state, clock_.now());
}

Result<Mode> FallbackManager::current_mode() const {
  const auto snapshot = read();
  if (!snapshot) return fail(snapshot.error());
  return snapshot->state.mode;
}

Result<std::string> FallbackManager::mode_string() const {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return std::string(to_string(*mode));
}

Result<bool> FallbackManager::is_degraded() const {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return *mode != Mode::primary;
}

Result<bool> FallbackManager::is_safe_mode() const {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return *mode == Mode::safe;
}

Result<std::vector<Transition>> FallbackManager::transitions_log(std::size_t limit) const {
  TransitionQuery query;
  query.limit = limit;
  return log_.list(query);
}

Result<Value> FallbackManager::metrics() const {
  const auto snapshot = read();
  if (!snapshot) return fail(snapshot.error());
  const auto recent = transitions_log(10);
  if (!recent) return fail(recent.error());
  Value transitions = Value::array();
  for (const Transition& transition : *recent) transitions.push_back(to_value(transition));
  const Mode mode = snapshot->state.mode;
  return Value::object({{"current_mode", to_string(mode)},
                        {"is_degraded", mode != Mode::primary},
                        {"is_safe_mode", mode == Mode::safe},
                        {"total_transitions", snapshot->state.epoch},
                        {"recent_transitions", std::move(transitions)}});
}

void FallbackManager::register_mode_callback(Mode mode, ModeCallback callback) {
  std::lock_guard lock(mutex_);
  callbacks_[mode].push_back(std::move(callback));
}

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
  if (auto stored = storage_.set("fallback:definition:" + name, to_json(definition)); !stored) {
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
