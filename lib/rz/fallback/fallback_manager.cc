#include "rz/fallback/fallback_manager.h"

#include "rz/base/text.h"
#include "rz/fallback/callback_runner.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/mode_callbacks.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_reader.h"
#include "rz/fallback/offline/spool.h"

namespace rz {
namespace {

// Fills in the user and the host where the options do not name them.
fallback::ModeReaderOptions reader_options(const FallbackManagerOptions& options) {
  return {.actor = options.actor.empty() ? fallback::user_name() : options.actor,
          .host = options.host.empty() ? fallback::host_name() : options.host,
          .spool = options.spool,
          .retention = options.retention,
          .max_age_offline = options.max_age_offline};
}

}  // namespace

// Decides by the policy, and joins what reads the mode, what changes it, and what makes the calls
// that it owes.
class FallbackManager::Parts {
 public:
  Parts(Storage& storage, FallbackManagerOptions options, Clock& clock, MetricsSink* sink)
      : options_(std::move(options)),
        reader_(storage, reader_options(options_), callbacks_, clock),
        keeper_(reader_, callbacks_, clock),
        runner_(reader_, keeper_, callbacks_, clock),
        sink_(sink) {}

  Result<Evaluation> carry_out(const fallback::ModePlanner& planner,
                               fallback::ModeKeeper::Origin origin);
  Evaluation conclude(fallback::ModeChange done);
  Evaluation evaluation_of(const fallback::ModeChange& change) const;

  const FallbackManagerOptions options_;
  fallback::ModeCallbacks callbacks_;
  fallback::ModeReader reader_;
  fallback::ModeKeeper keeper_;
  fallback::CallbackRunner runner_;

 private:
  static MetricEvent event_of(const Evaluation& outcome);
  void emit(const fallback::ModeState& state, bool changed) const;

  MetricsSink* sink_;
};

FallbackManager::FallbackManager(Storage& storage, FallbackManagerOptions options, Clock& clock,
                                 MetricsSink* sink)
    : parts_(std::make_unique<Parts>(storage, std::move(options), clock, sink)) {}

FallbackManager::~FallbackManager() = default;

std::shared_ptr<fallback::Spool> make_spool(std::string folder, std::string store) {
  return std::make_shared<fallback::Spool>(std::move(folder), std::move(store));
}

void FallbackManager::register_mode_callback(Mode mode, ModeCallback callback,
                                             CallbackLimits limits) {
  parts_->callbacks_.add(mode, std::move(callback), limits);
}

Result<Evaluation> FallbackManager::cascade(const HealthState& health) {
  auto decision = parts_->options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  auto outcome = parts_->carry_out(
      [&](const fallback::ModeState& state, TimePoint now) {
        return fallback::plan_evaluation(state, *decision, health.complete,
                                         parts_->options_.recovery, now);
      },
      fallback::ModeKeeper::Origin::evaluation);
  if (!outcome) return outcome;
  outcome->store.add_doubt(decision->undecided);
  outcome->decision = std::move(*decision);
  return outcome;
}

Result<Evaluation> FallbackManager::dry_run(const HealthState& health) const {
  auto decision = parts_->options_.policy.decide(health);
  if (!decision) return fail(std::move(decision).error());
  const auto change =
      parts_->keeper_.rehearse([&](const fallback::ModeState& state, TimePoint now) {
        return fallback::plan_evaluation(state, *decision, health.complete,
                                         parts_->options_.recovery, now);
      });
  if (!change) return fail(change.error());
  Evaluation outcome = parts_->evaluation_of(*change);
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
    return fail(ErrorCode::invalid_argument, "a pin must last longer than 0");
  }
  if (reason.empty()) reason = "manual";
  return parts_->carry_out(
      [&](const fallback::ModeState& state, TimePoint now) {
        return fallback::plan_pin(state, *target, lasting, reason, parts_->reader_.person(), now);
      },
      fallback::ModeKeeper::Origin::order);
}

Result<Evaluation> FallbackManager::release() {
  return parts_->carry_out(
      [&](const fallback::ModeState& state, TimePoint) {
        return fallback::plan_release(state, parts_->reader_.person());
      },
      fallback::ModeKeeper::Origin::order);
}

Result<Evaluation> FallbackManager::Parts::carry_out(const fallback::ModePlanner& planner,
                                                     fallback::ModeKeeper::Origin origin) {
  auto done = keeper_.change(planner, origin);
  if (!done) return fail(std::move(done).error());
  return conclude(*std::move(done));
}

// Makes the calls that are owed, and answers with what was done.
Evaluation FallbackManager::Parts::conclude(fallback::ModeChange done) {
  fallback::ModeState state = done.entry.after;
  StoreStatus status = done.status;
  runner_.make_calls(done, state, status);
  done.status = std::move(status);
  Evaluation outcome = evaluation_of(done);
  outcome.after.callbacks_owed = state.owed.size();
  emit(done.entry.after, outcome.changed() && !outcome.store.unrecorded);
  if (outcome.changed() && sink_ != nullptr) sink_->emit_event(event_of(outcome));
  return outcome;
}

MetricEvent FallbackManager::Parts::event_of(const Evaluation& outcome) {
  const std::string from = to_string(outcome.before.mode);
  const std::string to = to_string(outcome.after.mode);
  MetricEvent event{.title = "The system's mode is " + to + ", after " + from,
                    .text = outcome.after.reason +
                            (outcome.after.detail.empty() ? "" : ": " + outcome.after.detail),
                    .tags = {{"from", from}, {"to", to}}};
  if (outcome.after.mode == Mode::heuristic) event.level = MetricEvent::Level::warning;
  if (outcome.after.mode == Mode::safe) event.level = MetricEvent::Level::error;
  return event;
}

Evaluation FallbackManager::Parts::evaluation_of(const fallback::ModeChange& change) const {
  return {fallback::view_of(change.entry.before, change.now),
          fallback::view_of(change.entry.after, change.now),
          change.held,
          change.remark,
          {},
          change.status};
}

Result<Evaluation> FallbackManager::forget() {
  auto done = parts_->keeper_.forget();
  if (!done) return fail(std::move(done).error());
  return parts_->conclude(*std::move(done));
}

Result<StoreStatus> FallbackManager::bring_back() {
  auto known = parts_->reader_.read(fallback::AskHistory::no);
  if (known) {
    parts_->runner_.make_due_calls(known->state, known->status);
    return std::move(known->status);
  }
  if (!is_outage(known.error())) return fail(std::move(known).error());
  return StoreStatus{.outage = known.error()};
}

void FallbackManager::Parts::emit(const fallback::ModeState& state, bool changed) const {
  if (sink_ == nullptr) return;
  sink_->emit("fallback_mode", static_cast<double>(state.mode));
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    const auto total = static_cast<double>(state.entered[static_cast<std::size_t>(mode)]);
    const double added = changed && mode == state.mode ? 1 : 0;
    sink_->emit_total("fallback_transitions_total", total, added, {{"to", to_string(mode)}});
  }
}

Result<Evaluation> FallbackManager::peek() const {
  auto known = parts_->reader_.peek();
  if (!known) return fail(std::move(known).error());
  const ModeView view = fallback::view_of(known->state, known->now);
  return Evaluation{view, view, {}, {}, {}, std::move(known->status)};
}

Result<Evaluation> FallbackManager::status() {
  auto known = parts_->reader_.read();
  if (!known) return fail(std::move(known).error());
  parts_->runner_.make_due_calls(known->state, known->status);
  const ModeView view = fallback::view_of(known->state, known->now);
  Evaluation outcome{view, view, {}, {}, {}, std::move(known->status)};
  if (parts_->reader_.spool() != nullptr) {
    for (const std::string& store : parts_->reader_.spool()->other_stores()) {
      outcome.store.warnings.push_back("decisions of an outage wait for another store, " + store +
                                       "; an rz that is given its URL brings them there");
    }
  }
  return outcome;
}

Result<Mode> FallbackManager::current_mode() {
  const auto known = parts_->reader_.read();
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
  fallback::TransitionQuery query;
  query.limit = limit;
  query.changes_only = true;
  return parts_->reader_.store().log().list(query);
}

Result<FallbackMetrics> FallbackManager::metrics() {
  auto known = parts_->reader_.read();
  if (!known) return fail(std::move(known).error());
  FallbackMetrics metrics{
      fallback::view_of(known->state, known->now), {}, std::move(known->status)};
  fallback::TransitionQuery newest;
  newest.limit = 10;
  newest.changes_only = true;
  const auto walked = parts_->reader_.store().log().visit(
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
