#include "rz/fallback/manager.h"

#include <algorithm>

#include "rz/base/text.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/offline/store_memory.h"

namespace rz {

FallbackManager::FallbackManager(Storage& storage, FallbackManagerOptions options, Clock& clock,
                                 MetricsSink* sink)
    : store_(storage, options.retention), options_(std::move(options)), clock_(clock), sink_(sink) {
  if (options_.actor.empty()) options_.actor = user_name();
  if (options_.host.empty()) options_.host = host_name();
}

Result<CascadeOutcome> FallbackManager::cascade(const HealthState& health) {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto outcome = carry_out(
      [&](const ModeState& state, TimePoint now) {
        return plan_evaluation(state, *decision, health.complete, options_.recovery, now);
      },
      Origin::evaluation);
  if (!outcome) return outcome;
  if (!decision->undecided.empty()) outcome->doubts.push_back(decision->undecided);
  outcome->decision = std::move(*decision);
  return outcome;
}

Result<CascadeOutcome> FallbackManager::dry_run(const HealthState& health) const {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto before = peek();
  if (!before) return fail(std::move(before).error());
  const ModePlan plan =
      plan_evaluation(before->state, *decision, health.complete, options_.recovery, clock_.now());
  CascadeOutcome outcome = outcome_of(plan.next, std::move(before->status));
  outcome.previous = before->state.mode;
  outcome.changed = outcome.mode != outcome.previous;
  outcome.held = plan.held;
  if (!decision->undecided.empty()) outcome.doubts.push_back(decision->undecided);
  outcome.decision = std::move(*decision);
  return outcome;
}

Result<CascadeOutcome> FallbackManager::set_mode(std::string_view mode,
                                                 std::optional<Millis> lasting,
                                                 std::string reason) {
  const auto target = parse_mode(mode);
  if (!target) {
    return fail(ErrorCode::invalid_argument, "'" + printable(mode) +
                                                 "' is not a valid mode; use primary, heuristic "
                                                 "or safe");
  }
  if (lasting && *lasting <= Millis{0}) {
    return fail(ErrorCode::invalid_argument, "a pin must last longer than no time at all");
  }
  if (reason.empty()) reason = "manual";
  return carry_out(
      [&](const ModeState& state, TimePoint now) {
        return plan_pin(state, *target, lasting, reason, person(), now);
      },
      Origin::order);
}

Result<CascadeOutcome> FallbackManager::release() {
  return carry_out([&](const ModeState& state, TimePoint) { return plan_release(state, person()); },
                   Origin::order);
}

Result<CascadeOutcome> FallbackManager::carry_out(const ModePlanner& planner, Origin origin) {
  auto done = change(planner, origin);
  if (!done) return fail(std::move(done).error());
  ModeState state = done->entry.after;
  StoreStatus status = done->status;
  make_calls(*done, state, status);
  CascadeOutcome outcome = outcome_of(done->entry.after, std::move(status));
  outcome.previous = done->entry.before.mode;
  outcome.changed = outcome.mode != outcome.previous;
  outcome.held = done->held;
  outcome.remark = done->remark;
  outcome.callbacks_owed = state.owed.size();
  emit(done->entry.after, outcome.changed);
  return outcome;
}

// What cannot be read is to be forgotten, too, so its bytes are all that is expected.
Result<CascadeOutcome> FallbackManager::forget() {
  std::optional<ModeState> known;
  std::size_t waiting = 0;
  if (options_.spool != nullptr) {
    auto view = options_.spool->peek();
    if (view) {
      known = view->state();
      waiting = view->entries.size();
    }
  }
  StoreStatus status;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    auto there = store_.read_raw();
    // Something else than a string is in the mode's place.
    if (!there && there.error().code == ErrorCode::corrupt && round == 0) {
      auto removed = store_.storage().remove(kModeStateKey);
      if (!removed) return fail(std::move(removed).error());
      continue;
    }
    if (!there) return fail(std::move(there).error());
    const TimePoint now = clock_.now();
    Change change = decide(
        [&](const ModeState& state, TimePoint) { return plan_forgetting(state, known, person()); },
        there->state);
    Transition& record = *change.entry.transition;
    const auto free = store_.free_place(record.timestamp);
    if (!free) return fail(free.error());
    record.timestamp = change.entry.after.recorded_at = *free;
    if (record.changes_mode()) change.entry.after.since = *free;
    const auto won =
        store_.write(*there, change.entry.after, change.entry.transition, status.warnings);
    if (!won) return fail(won.error());
    if (*won != Commit::done) continue;
    if (options_.spool != nullptr) {
      if (auto forgotten = options_.spool->forget(change.entry.after, now); !forgotten) {
        return fail(
            forgotten.error().code,
            "the store was begun anew, but this host still remembers: " + forgotten.error().message,
            forgotten.error().where);
      }
    }
    if (waiting > 0) {
      status.warnings.push_back(std::to_string(waiting) +
                                " decisions of an outage that waited here were thrown away");
    }
    CascadeOutcome outcome = outcome_of(change.entry.after, std::move(status));
    outcome.previous = there->state.mode;
    outcome.changed = outcome.mode != outcome.previous;
    emit(change.entry.after, outcome.changed);
    return outcome;
  }
  return fail(ErrorCode::conflict, "the mode kept changing; try again", std::string(kModeStateKey));
}

Result<StoreStatus> FallbackManager::bring_back() {
  auto known = known_state(AskHistory::no);
  if (known) {
    make_due_calls(known->state, known->status);
    return std::move(known->status);
  }
  if (!is_outage(known.error())) return fail(std::move(known).error());
  StoreStatus status;
  status.outage = known.error();
  return status;
}

CascadeOutcome FallbackManager::outcome_of(const ModeState& state, StoreStatus status) const {
  CascadeOutcome outcome;
  static_cast<StoreStatus&>(outcome) = std::move(status);
  outcome.mode = outcome.previous = state.mode;
  outcome.reason = state.reason;
  outcome.detail = state.detail;
  outcome.epoch = state.epoch;
  if (state.epoch > 0) outcome.since = state.since;
  if (state.pin && state.pin->active(clock_.now())) outcome.pin = state.pin;
  outcome.callbacks_owed = state.owed.size();
  return outcome;
}

void FallbackManager::emit(const ModeState& state, bool changed) const {
  if (sink_ == nullptr) return;
  sink_->emit("fallback_mode", static_cast<double>(state.mode));
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    const auto total = static_cast<double>(state.entered[static_cast<std::size_t>(mode)]);
    const double added = changed && mode == state.mode ? 1 : 0;
    sink_->emit_total("fallback_transitions_total", total, added, {{"to", to_string(mode)}});
  }
}

Result<CascadeOutcome> FallbackManager::status() {
  auto known = known_state();
  if (!known) return fail(std::move(known).error());
  make_due_calls(known->state, known->status);
  CascadeOutcome outcome = outcome_of(known->state, std::move(known->status));
  if (options_.spool != nullptr) {
    for (const std::string& store : options_.spool->other_stores()) {
      outcome.warnings.push_back("decisions of an outage wait for another store, " + store +
                                 "; an rz that is given its URL brings them there");
    }
  }
  return outcome;
}

Result<Mode> FallbackManager::current_mode() const {
  const auto known = known_state();
  if (!known) return fail(known.error());
  return known->state.mode;
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
  query.changes_only = true;
  return store_.log().list(query);
}

Result<Value> FallbackManager::metrics(std::vector<std::string>& warnings) const {
  const auto known = known_state();
  if (!known) return fail(known.error());
  for (const auto* sentences : {&known->status.doubts, &known->status.warnings}) {
    warnings.insert(warnings.end(), sentences->begin(), sentences->end());
  }
  TransitionQuery newest;
  newest.limit = 10;
  newest.changes_only = true;
  Value transitions = Value::array();
  const auto walked = store_.log().visit(
      newest,
      [&](const Transition& transition) {
        transitions.push_back(to_value(transition));
        return true;
      },
      [&](const std::string& key, const Error& error) {
        warnings.push_back(printable(key) + ": " + to_string(error));
      });
  if (!walked) return fail(walked.error());
  const Mode mode = known->state.mode;
  return Value::object({{"current_mode", to_string(mode)},
                        {"is_degraded", mode != Mode::primary},
                        {"is_safe_mode", mode == Mode::safe},
                        {"total_transitions", known->state.epoch},
                        {"recent_transitions", std::move(transitions)}});
}

}  // namespace rz
