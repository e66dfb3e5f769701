#include "rz/fallback/manager.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/fallback/identity.h"

namespace rz {
namespace {

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
    : store_(storage, options.retention), options_(std::move(options)), clock_(clock), sink_(sink) {
  if (options_.actor.empty()) options_.actor = user_name();
  if (options_.host.empty()) options_.host = host_name();
}

Result<CascadeOutcome> FallbackManager::cascade(const HealthState& health) {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto outcome = apply([&](const ModeState& state, TimePoint now) {
    return plan_evaluation(state, *decision, health.complete, now);
  });
  if (outcome) outcome->decision = std::move(*decision);
  return outcome;
}

Result<CascadeOutcome> FallbackManager::dry_run(const HealthState& health) const {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  const auto before = peek();
  if (!before) return fail(before.error());
  const Plan plan = plan_evaluation(before->state, *decision, health.complete, clock_.now());
  CascadeOutcome outcome = outcome_of(plan.next);
  outcome.previous = before->state.mode;
  outcome.changed = outcome.mode != outcome.previous;
  outcome.held = plan.held;
  outcome.decision = std::move(*decision);
  outcome.outage = before->outage;
  outcome.store_seen = before->seen;
  outcome.spooled = before->spooled;
  return outcome;
}

// Worsening is never held back; recovery is, by the options.
FallbackManager::Plan FallbackManager::plan_evaluation(const ModeState& state,
                                                       const Decision& decision, bool complete,
                                                       TimePoint now) const {
  Plan plan{state, "evaluation", {}};
  if (state.pin) {
    if (state.pin->active(now)) return plan;
    plan.next.pin.reset();
    plan.trigger = "pin_expired";
  }
  Mode target = decision.mode;
  if (target < state.mode && !complete) {
    // What the store knows of components and breakers may be what the mode is for.
    plan.held =
        "recovery waits for the store: not all that it knows of components, circuit breakers and "
        "retries can be read";
    return plan;
  }
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
  auto warnings = replay();
  if (!warnings) return apply_offline(planner, {warnings.error(), std::nullopt, {}});
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    const TimePoint seen = clock_.now();
    const auto before = store_.read();
    if (!before) {
      return apply_offline(planner, {before.error(), std::nullopt, std::move(*warnings)});
    }
    Decided decided = decide(planner, before->state, clock_.now());
    if (decided.anything()) {
      const SpoolEntry& entry = decided.entry;
      const auto won = store_.write(*before, entry.after, entry.transition, *warnings);
      if (!won) {
        return apply_offline(planner, {won.error(), std::move(decided), std::move(*warnings)});
      }
      if (!*won) continue;
    }
    CascadeOutcome outcome = outcome_of(decided.entry.after);
    outcome.warnings = std::move(*warnings);
    remember(decided.entry.after, seen, outcome);
    announce(decided, outcome);
    return outcome;
  }
  return fail(ErrorCode::conflict, "the mode kept changing under the decision; try again",
              std::string(kModeStateKey));
}

// On the mode that this host knew last, for this host alone.
Result<CascadeOutcome> FallbackManager::apply_offline(const Planner& planner, Outage outage) {
  const Error& error = outage.error;
  CascadeOutcome outcome;
  Decided decided;
  {
    auto session = open_spool(error);
    if (!session) return fail(std::move(session).error());
    // Where others have gone on without what was attempted, it is decided anew.
    if (outage.attempt && session->entries().empty()) {
      decided = std::move(*outage.attempt);
    } else if (session->state()) {
      decided = decide(planner, *session->state(), clock_.now());
    } else {
      return never_known(error);
    }
    if (decided.anything()) {
      if (auto added = session->append(decided.entry); !added) {
        return fail(error.code,
                    error.message + "; nor can the decision be kept: " + to_string(added.error()),
                    error.where);
      }
    }
    outcome = outcome_of(decided.entry.after);
    outcome.warnings = std::move(outage.warnings);
    outcome.outage = error;
    outcome.store_seen = session->seen();
    outcome.spooled = session->transitions();
    if (session->damage().lines > 0) outcome.warnings.push_back(session->damage().sentence());
  }
  announce(decided, outcome);
  return outcome;
}

FallbackManager::Decided FallbackManager::decide(const Planner& planner, const ModeState& before,
                                                 TimePoint now) const {
  Plan plan = planner(before, now);
  Decided decided{{before, std::move(plan.next), std::nullopt}, std::move(plan.held)};
  ModeState& after = decided.entry.after;
  if (after.mode != before.mode) {
    decided.entry.transition = make_transition(before, after, plan.trigger, now);
  }
  if (decided.anything()) after.writer = random_token();
  return decided;
}

void FallbackManager::announce(const Decided& decided, CascadeOutcome& outcome) const {
  outcome.previous = decided.entry.before.mode;
  outcome.changed = decided.entry.transition.has_value();
  outcome.held = decided.held;
  if (outcome.changed) run_callbacks(*decided.entry.transition, outcome);
  emit(outcome);
}

// ---- The spool

// Errors: `outage` itself where nothing can be done about it.
Result<Spool::Session> FallbackManager::open_spool(const Error& outage) const {
  if (options_.spool == nullptr || !is_outage(outage)) return fail(outage);
  auto session = options_.spool->open();
  if (!session) {
    return fail(outage.code,
                outage.message + "; nor can the spool be read: " + to_string(session.error()),
                outage.where);
  }
  return session;
}

tl::unexpected<Error> FallbackManager::never_known(const Error& outage) {
  return fail(outage.code, outage.message + "; and this host has never known the mode",
              outage.where);
}

// What a person should know of it. Errors: an outage; what is wrong with the spool alone does not
// keep anybody from the store.
Result<std::vector<std::string>> FallbackManager::replay() const {
  std::vector<std::string> sentences;
  if (options_.spool == nullptr || !options_.spool->pending()) return sentences;
  const auto report = replay_spool(*options_.spool, store_, clock_.now());
  if (report) return report->sentences();
  if (is_outage(report.error())) return fail(report.error());
  sentences.push_back("the decisions of an outage stay in the spool: " + to_string(report.error()));
  return sentences;
}

// Where nothing can be written (a read-only container), the store alone knows the mode.
void FallbackManager::remember(const ModeState& state, TimePoint seen,
                               CascadeOutcome& outcome) const {
  if (options_.spool == nullptr) return;
  if (auto kept = options_.spool->remember(state, seen); !kept) {
    outcome.notes.push_back("the mode cannot be kept for an outage: " + to_string(kept.error()));
  }
}

// What holds now, once the store has all that waits here.
Result<FallbackManager::KnownState> FallbackManager::known_state() const {
  auto warnings = replay();
  if (!warnings) return known_offline(warnings.error());
  auto known = peek();
  if (known) known->warnings.insert(known->warnings.begin(), warnings->begin(), warnings->end());
  return known;
}

// What holds now, without bringing anything anywhere: what waits here will be in the store first.
Result<FallbackManager::KnownState> FallbackManager::peek() const {
  const auto there = store_.read();
  if (!there) return known_offline(there.error());
  KnownState known{there->state, std::nullopt, std::nullopt, 0};
  if (options_.spool == nullptr || !options_.spool->pending()) return known;
  const auto session = options_.spool->open();
  if (!session || session->entries().empty()) return known;
  known.state = *session->state();
  known.spooled = session->transitions();
  return known;
}

Result<FallbackManager::KnownState> FallbackManager::known_offline(const Error& outage) const {
  const auto session = open_spool(outage);
  if (!session) return fail(session.error());
  if (!session->state()) return never_known(outage);
  KnownState known{*session->state(), outage, session->seen(), session->transitions()};
  if (session->damage().lines > 0) known.warnings.push_back(session->damage().sentence());
  return known;
}

// A clock that is behind, or another host's, must not put a record before the one that it follows.
Transition FallbackManager::make_transition(const ModeState& before, ModeState& next,
                                            const std::string& trigger, TimePoint now) const {
  next.epoch = before.epoch + 1;
  next.since = before.epoch > 0 ? std::max(now, before.since + Micros{1}) : now;
  return Transition{next.since, before.mode,    next.mode,     next.reason,
                    trigger,    options_.actor, options_.host, next.epoch};
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

CascadeOutcome FallbackManager::outcome_of(const ModeState& state) const {
  CascadeOutcome outcome;
  outcome.mode = outcome.previous = state.mode;
  outcome.reason = state.reason;
  outcome.epoch = state.epoch;
  if (state.epoch > 0) outcome.since = state.since;
  if (state.pin && state.pin->active(clock_.now())) outcome.pin = state.pin;
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
  const TimePoint seen = clock_.now();
  auto known = known_state();
  if (!known) return fail(std::move(known).error());
  CascadeOutcome outcome = outcome_of(known->state);
  outcome.outage = known->outage;
  outcome.store_seen = known->seen;
  outcome.spooled = known->spooled;
  outcome.warnings = std::move(known->warnings);
  if (!known->outage) remember(known->state, seen, outcome);
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
  return store_.log().list(query);
}

Result<Value> FallbackManager::metrics(std::vector<std::string>& warnings) const {
  const auto known = known_state();
  if (!known) return fail(known.error());
  warnings.insert(warnings.end(), known->warnings.begin(), known->warnings.end());
  TransitionQuery newest;
  newest.limit = 10;
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

void FallbackManager::register_mode_callback(Mode mode, ModeCallback callback) {
  std::lock_guard lock(mutex_);
  callbacks_[mode].push_back(std::move(callback));
}

}  // namespace rz
