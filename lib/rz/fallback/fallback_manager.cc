#include "rz/fallback/fallback_manager.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/callbacks/callback_orders.h"
#include "rz/fallback/callbacks/callback_runner.h"
#include "rz/fallback/callbacks/list_calls.h"
#include "rz/fallback/callbacks/registered_callbacks.h"
#include "rz/fallback/election.h"
#include "rz/fallback/health_plan.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_reconciler.h"
#include "rz/fallback/offline/spool.h"

namespace rz {
namespace {

// Fills in the user and the host where the options do not name them.
fallback::ModeReconcilerOptions reconciler_options(const FallbackManagerOptions& options) {
  return {.actor = options.actor.empty() ? fallback::user_name() : options.actor,
          .host = options.host.empty() ? fallback::host_name() : options.host,
          .spool = options.spool,
          .retention = options.retention,
          .max_age_offline = options.max_age_offline,
          .votes = options.votes};
}

// Fills in in whose name this host votes.
FallbackManagerOptions with_voter(FallbackManagerOptions options) {
  if (options.host.empty()) options.host = fallback::host_name();
  if (options.votes.voter.empty()) options.votes.voter = options.host;
  return options;
}

// What they call for may be anything.
void doubt_unreadable(const std::vector<std::string>& votes, StoreStatus& status) {
  for (const std::string& key : votes) {
    status.add_doubt("the vote '" + printable(key) + "' cannot be read");
  }
}

}  // namespace

// Decides by the policy, and joins what reads the mode, what changes it, and what makes the calls
// that it owes.
class FallbackManager::Parts {
 public:
  Parts(Storage& storage, FallbackManagerOptions options, Clock& clock, MetricsSink* sink)
      : options_(with_voter(std::move(options))),
        clock_(clock),
        reconciler_(storage, reconciler_options(options_), callbacks_, clock),
        keeper_(reconciler_, callbacks_, clock),
        runner_(reconciler_, keeper_, callbacks_, clock),
        sink_(sink) {}

  Result<Evaluation> carry_out(const fallback::ModePlanner& planner,
                               fallback::ModeKeeper::Origin origin);
  Result<Evaluation> evaluate(const HealthState& health, bool dry_run);
  Evaluation conclude(fallback::ModeChange done);
  Evaluation evaluation_of(const fallback::ModeChange& change) const;
  using PlanOfOrder = fallback::ModePlanner (*)(std::string_view, TimePoint, fallback::IsRunning,
                                                fallback::OrderOutcome&);
  Result<CallbackList> order_call(PlanOfOrder plan, std::string_view name);
  std::string why_stale(TimePoint now);
  void weigh_votes(Evaluation& outcome);

  const FallbackManagerOptions options_;
  Clock& clock_;
  fallback::RegisteredCallbacks callbacks_;
  fallback::ModeReconciler reconciler_;
  fallback::ModeKeeper keeper_;
  fallback::CallbackRunner runner_;

 private:
  Votes votes_after(const fallback::Election& election) const;
  static MetricEvent event_of(const Evaluation& outcome);
  void emit(const fallback::ModeState& state, bool changed) const;
  void emit_calls(const fallback::ModeState& state, std::int64_t failed, TimePoint now) const;
  void emit_votes(const Votes& votes) const;

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
  return parts_->evaluate(health, false);
}

Result<Evaluation> FallbackManager::dry_run(const HealthState& health) const {
  return parts_->evaluate(health, true);
}

// The rules are asked once it is known which mode holds, what this host remembers of earlier
// evaluations, and what others call for.
Result<Evaluation> FallbackManager::Parts::evaluate(const HealthState& health, bool dry_run) {
  fallback::Election election{options_.votes, options_.stale_after, options_.host};
  // A rule that fails leaves everything as it is; the error is the answer.
  Result<fallback::HealthPlan> planned;
  const auto planner = [&](const fallback::ModeState& state, TimePoint now) {
    planned = fallback::plan_health(options_.policy, health, state, election,
                                    {options_.recovery, options_.flapping}, now);
    return planned ? planned->plan : fallback::ModePlan{.next = state};
  };
  auto done = dry_run ? keeper_.rehearse(planner, &election)
                      : keeper_.change(planner, fallback::ModeKeeper::Origin::evaluation,
                                       std::nullopt, &election);
  if (!planned) return fail(std::move(planned).error());
  if (!done) return fail(std::move(done).error());
  Evaluation outcome = dry_run ? evaluation_of(*done) : conclude(*std::move(done));
  outcome.store.add_doubt(planned->decision.undecided);
  outcome.store.add_warnings(std::move(planned->warnings));
  doubt_unreadable(election.found.unreadable, outcome.store);
  outcome.votes = votes_after(election);
  if (!dry_run && !election.is_cut_off) emit_votes(outcome.votes);
  outcome.decision = std::move(planned->decision);
  return outcome;
}

Votes FallbackManager::Parts::votes_after(const fallback::Election& election) const {
  Votes votes{election.found.others, options_.votes.voter, options_.votes.quorum, clock_.now(),
              election.found.unreadable};
  if (election.is_cut_off) return votes;
  const std::optional<Vote>& own = election.ballot ? election.ballot->vote : election.found.own;
  if (own) votes.standing.push_back(*own);
  std::sort(votes.standing.begin(), votes.standing.end(),
            [](const Vote& a, const Vote& b) { return a.voter < b.voter; });
  return votes;
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
        return fallback::plan_pin(state, *target, lasting, reason, parts_->reconciler_.person(),
                                  now);
      },
      fallback::ModeKeeper::Origin::order);
}

Result<Evaluation> FallbackManager::release() {
  return parts_->carry_out(
      [&](const fallback::ModeState& state, TimePoint) {
        return fallback::plan_release(state, parts_->reconciler_.person());
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
  fallback::ModeState state = done.after;
  StoreStatus status = done.status;
  runner_.make_calls(done, state, status);
  done.status = std::move(status);
  Evaluation outcome = evaluation_of(done);
  outcome.after.callbacks_owed = state.owed.size();
  emit(done.after, outcome.changed() && !outcome.store.unrecorded);
  emit_calls(state, std::max<std::int64_t>(state.failed_calls - done.after.failed_calls, 0),
             done.now);
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
  return {.before = fallback::view_of(change.before, change.now),
          .after = fallback::view_of(change.after, change.now),
          .held = change.held,
          .remark = change.remark,
          .store = change.status,
          .decided_at = change.now};
}

Result<Evaluation> FallbackManager::forget() {
  auto done = parts_->keeper_.forget();
  if (!done) return fail(std::move(done).error());
  return parts_->conclude(*std::move(done));
}

Result<StoreStatus> FallbackManager::reconcile() {
  auto known = parts_->reconciler_.read(fallback::AskHistory::no);
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

// `failed`: runs that ended badly in this process.
void FallbackManager::Parts::emit_calls(const fallback::ModeState& state, std::int64_t failed,
                                        TimePoint now) const {
  if (sink_ == nullptr) return;
  TimePoint oldest = now;
  for (const auto& owed : state.owed) oldest = std::min(oldest, owed.transition.timestamp);
  sink_->emit("fallback_callbacks_owed", static_cast<double>(state.owed.size()));
  sink_->emit("fallback_callbacks_oldest_age_seconds",
              std::chrono::duration<double>(now - oldest).count());
  sink_->emit_total("fallback_callback_failures_total", static_cast<double>(state.failed_calls),
                    static_cast<double>(failed), {});
}

void FallbackManager::Parts::emit_votes(const Votes& votes) const {
  if (sink_ == nullptr) return;
  for (const Mode mode : {Mode::heuristic, Mode::safe}) {
    const auto standing = std::count_if(votes.standing.begin(), votes.standing.end(),
                                        [&](const Vote& vote) { return vote.mode == mode; });
    sink_->emit("fallback_votes", static_cast<double>(standing), {{"mode", to_string(mode)}});
  }
}

Result<Evaluation> FallbackManager::peek() const {
  auto known = parts_->reconciler_.peek();
  if (!known) return fail(std::move(known).error());
  if (!known->status.outage) known->status.add_doubt(parts_->why_stale(known->now));
  const ModeView view = fallback::view_of(known->state, known->now);
  return Evaluation{.before = view, .after = view, .store = std::move(known->status)};
}

Result<Evaluation> FallbackManager::status() {
  auto known = parts_->reconciler_.read();
  if (!known) return fail(std::move(known).error());
  parts_->runner_.make_due_calls(known->state, known->status);
  const ModeView view = fallback::view_of(known->state, known->now);
  Evaluation outcome{.before = view, .after = view, .store = std::move(known->status)};
  if (!outcome.store.outage) {
    outcome.store.add_doubt(parts_->why_stale(known->now));
    parts_->weigh_votes(outcome);
  }
  if (parts_->reconciler_.spool() != nullptr) {
    for (const std::string& store : parts_->reconciler_.spool()->other_stores()) {
      outcome.store.warnings.push_back(
          "decisions of an outage wait for another store, " + store +
          "; an rz that is given its URL, and its --scope if it has one, "
          "brings them there");
    }
  }
  return outcome;
}

// The votes that stand, and whether the mode does not follow them: a pin that outranked them may
// have ended since the last evaluation, which is what the mode waits for.
void FallbackManager::Parts::weigh_votes(Evaluation& outcome) {
  auto poll = fallback::read_votes(reconciler_.store().storage());
  if (!poll) {
    outcome.store.add_doubt("what other hosts call for is unknown: " + to_string(poll.error()));
    return;
  }
  doubt_unreadable(poll->unreadable, outcome.store);
  outcome.votes = {std::move(poll->others), options_.votes.voter, options_.votes.quorum,
                   clock_.now(), std::move(poll->unreadable)};
  const Mode called_for = outcome.votes.mode();
  if (outcome.after.pin || called_for <= outcome.after.mode) return;
  const std::size_t hosts = count_for(outcome.votes.standing, called_for);
  outcome.store.add_doubt(fmt::format("{} is called for by {}, and the next evaluation enters it",
                                      to_string(called_for), counted(hosts, "host")));
}

// Whether anybody still looks after the mode. Only where that is asked for, evaluations say when
// they were.
std::string FallbackManager::Parts::why_stale(TimePoint now) {
  if (!options_.stale_after) return {};
  const auto stored = reconciler_.store().storage().get(fallback::kEvaluatedKey);
  if (!stored) return "when the last evaluation was cannot be told: " + to_string(stored.error());
  const auto last = *stored ? fallback::last_evaluation_from(**stored) : std::nullopt;
  const std::string limit = "fallback.stale_after (" + format_duration(*options_.stale_after) + ")";
  if (!last) return "nobody is known to have evaluated the health, and " + limit + " is asked for";
  const TimePoint shared = reconciler_.store().shared_time(now).now;
  // By a clock that was ahead. A store without a clock of its own is shared by hosts whose clocks
  // differ a little.
  constexpr std::chrono::seconds kClocksDiffer{30};
  if (last->at - shared > kClocksDiffer) {
    return "the last evaluation is noted for " + format_timestamp(last->at) + " (" +
           printable(last->host) +
           "), by a clock that was ahead: since when nobody has evaluated the health is unknown";
  }
  if (shared - last->at <= *options_.stale_after) return {};
  return "nobody has evaluated the health since " + format_timestamp(last->at) + " (" +
         printable(last->host) + "), longer than " + limit;
}

Result<Votes> FallbackManager::votes() {
  fallback::ModeStore& store = parts_->reconciler_.store();
  auto poll = fallback::read_votes(store.storage());
  if (!poll) return fail(std::move(poll).error());
  const VoteOptions& options = parts_->options_.votes;
  return Votes{std::move(poll->others), options.voter, options.quorum,
               store.shared_time(parts_->clock_.now()).now, std::move(poll->unreadable)};
}

Result<std::vector<Transition>> FallbackManager::transitions_log(std::size_t limit) {
  fallback::TransitionQuery query;
  query.limit = limit;
  query.changes_only = true;
  return parts_->reconciler_.store().log().list(query);
}

Result<CallbackList> FallbackManager::callbacks() {
  auto known = parts_->reconciler_.read();
  if (!known) return fail(std::move(known).error());
  StoreStatus status = std::move(known->status);
  const TimePoint now =
      status.outage ? known->now : parts_->reconciler_.shared_time(known->now, status);
  return fallback::list_calls(known->state, now, std::move(status));
}

Result<CallbackList> FallbackManager::retry_callback(std::string_view name) {
  return parts_->order_call(fallback::plan_retry, name);
}

Result<CallbackList> FallbackManager::drop_callback(std::string_view name) {
  return parts_->order_call(fallback::plan_drop, name);
}

// Claims go by the time that all hosts share.
Result<CallbackList> FallbackManager::Parts::order_call(PlanOfOrder plan, std::string_view name) {
  StoreStatus asked;
  const TimePoint shared = reconciler_.shared_time(clock_.now(), asked);
  const std::chrono::nanoseconds begun = clock_.monotonic();
  fallback::OrderOutcome outcome{};
  const auto is_running = [&](const fallback::OwedCallback& owed) {
    return runner_.is_running(owed, shared);
  };
  auto done = keeper_.change(plan(name, shared, is_running, outcome),
                             fallback::ModeKeeper::Origin::bookkeeping);
  if (!done) return fail(std::move(done).error());
  fallback::ModeState state = std::move(done->after);
  if (auto made = fallback::check(outcome, name, state); !made)
    return fail(std::move(made).error());
  StoreStatus status = std::move(done->status);
  status.add_findings(std::move(asked));
  runner_.make_due_calls(state, status);
  const auto passed = std::chrono::duration_cast<Micros>(clock_.monotonic() - begun);
  return fallback::list_calls(state, shared + passed, std::move(status));
}

Result<FallbackMetrics> FallbackManager::metrics() {
  auto known = parts_->reconciler_.read();
  if (!known) return fail(std::move(known).error());
  FallbackMetrics metrics{
      fallback::view_of(known->state, known->now), {}, std::move(known->status)};
  fallback::TransitionQuery newest;
  newest.limit = 10;
  newest.changes_only = true;
  const auto walked = parts_->reconciler_.store().log().visit(
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
