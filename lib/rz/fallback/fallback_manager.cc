#include "rz/fallback/fallback_manager.h"

#include "rz/base/text.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/mode_plan.h"

namespace rz {
namespace {

// Who works with this manager, where its options do not say.
ModeKeeperOptions keeper_options(const FallbackManagerOptions& options) {
  return {.actor = options.actor.empty() ? user_name() : options.actor,
          .host = options.host.empty() ? host_name() : options.host,
          .spool = options.spool,
          .retention = options.retention,
          .max_age_offline = options.max_age_offline};
}

}  // namespace

FallbackManager::FallbackManager(Storage& storage, FallbackManagerOptions options, Clock& clock,
                                 MetricsSink* sink)
    : options_(std::move(options)),
      sink_(sink),
      keeper_(storage, keeper_options(options_), callbacks_, clock),
      runner_(keeper_, callbacks_, clock) {}

Result<Evaluation> FallbackManager::cascade(const HealthState& health) {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto outcome = carry_out(
      [&](const ModeState& state, TimePoint now) {
        return plan_evaluation(state, *decision, health.complete, options_.recovery, now);
      },
      ModeKeeper::Origin::evaluation);
  if (!outcome) return outcome;
  outcome->store.add_doubt(decision->undecided);
  outcome->decision = std::move(*decision);
  return outcome;
}

Result<Evaluation> FallbackManager::dry_run(const HealthState& health) const {
  auto decision = options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  const auto change = keeper_.rehearse([&](const ModeState& state, TimePoint now) {
    return plan_evaluation(state, *decision, health.complete, options_.recovery, now);
  });
  if (!change) return fail(change.error());
  Evaluation outcome = evaluation_of(*change);
  outcome.store.add_doubt(decision->undecided);
  outcome.decision = std::move(*decision);
  return outcome;
}

Result<Evaluation> FallbackManager::set_mode(std::string_view mode, std::optional<Millis> lasting,
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
        return plan_pin(state, *target, lasting, reason, keeper_.person(), now);
      },
      ModeKeeper::Origin::order);
}

Result<Evaluation> FallbackManager::release() {
  return carry_out(
      [&](const ModeState& state, TimePoint) { return plan_release(state, keeper_.person()); },
      ModeKeeper::Origin::order);
}

Result<Evaluation> FallbackManager::carry_out(const ModePlanner& planner,
                                              ModeKeeper::Origin origin) {
  auto done = keeper_.change(planner, origin);
  if (!done) return fail(std::move(done).error());
  return conclude(*std::move(done));
}

// Makes the calls that are owed, and answers with what was done.
Evaluation FallbackManager::conclude(ModeChange done) {
  ModeState state = done.entry.after;
  StoreStatus status = done.status;
  runner_.make_calls(done, state, status);
  done.status = std::move(status);
  Evaluation outcome = evaluation_of(done);
  outcome.after.callbacks_owed = state.owed.size();
  emit(done.entry.after, outcome.changed() && !outcome.store.unrecorded);
  return outcome;
}

Evaluation FallbackManager::evaluation_of(const ModeChange& change) const {
  return {view_of(change.entry.before, change.now),
          view_of(change.entry.after, change.now),
          change.held,
          change.remark,
          {},
          change.status};
}

Result<Evaluation> FallbackManager::forget() {
  auto done = keeper_.forget();
  if (!done) return fail(std::move(done).error());
  return conclude(*std::move(done));
}

Result<StoreStatus> FallbackManager::bring_back() {
  auto known = keeper_.known(AskHistory::no);
  if (known) {
    runner_.make_due_calls(known->state, known->status);
    return std::move(known->status);
  }
  if (!is_outage(known.error())) return fail(std::move(known).error());
  return StoreStatus{.outage = known.error()};
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

Result<Evaluation> FallbackManager::status() {
  auto known = keeper_.known();
  if (!known) return fail(std::move(known).error());
  runner_.make_due_calls(known->state, known->status);
  const ModeView view = view_of(known->state, known->now);
  Evaluation outcome{view, view, {}, {}, {}, std::move(known->status)};
  if (keeper_.spool() != nullptr) {
    for (const std::string& store : keeper_.spool()->other_stores()) {
      outcome.store.warnings.push_back("decisions of an outage wait for another store, " + store +
                                       "; an rz that is given its URL brings them there");
    }
  }
  return outcome;
}

Result<Mode> FallbackManager::current_mode() {
  const auto known = keeper_.known();
  if (!known) return fail(known.error());
  return known->state.mode;
}

Result<std::string> FallbackManager::mode_string() {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return std::string(to_string(*mode));
}

Result<bool> FallbackManager::is_degraded() {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return *mode != Mode::primary;
}

Result<bool> FallbackManager::is_safe_mode() {
  const auto mode = current_mode();
  if (!mode) return fail(mode.error());
  return *mode == Mode::safe;
}

Result<std::vector<Transition>> FallbackManager::transitions_log(std::size_t limit) {
  TransitionQuery query;
  query.limit = limit;
  query.changes_only = true;
  return keeper_.log().list(query);
}

Result<FallbackMetrics> FallbackManager::metrics() {
  auto known = keeper_.known();
  if (!known) return fail(std::move(known).error());
  FallbackMetrics metrics{view_of(known->state, known->now), {}, std::move(known->status)};
  TransitionQuery newest;
  newest.limit = 10;
  newest.changes_only = true;
  const auto walked = keeper_.log().visit(
      newest,
      [&](const Transition& transition) {
        metrics.recent_transitions.push_back(transition);
        return true;
      },
      [&](const std::string& key, const Error& error) {
        metrics.store.warnings.push_back(printable(key) + ": " + to_string(error));
      });
  if (!walked) return fail(walked.error());
  return metrics;
}

}  // namespace rz
