#include "rz/fallback/mode_keeper.h"

#include <algorithm>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/invariant.h"
#include "rz/base/random_token.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/offline/store_memory.h"

namespace rz {
namespace {

// What an order waits for another process that has the spool; an evaluation comes again soon.
constexpr Millis kOrderPatience{std::chrono::seconds{5}};
constexpr Millis kEvaluationPatience{std::chrono::milliseconds{500}};

// A damaged store is there, and still nobody is to be kept from getting safer.
bool prevents_keeping_alone(const Error& error) {
  return is_outage(error) || error.code == ErrorCode::corrupt;
}

tl::unexpected<Error> never_known(const Error& outage) {
  return fail(outage.code, outage.message + "; and this host has never known the mode",
              outage.where);
}

void tell_loss(const std::string& sentence, const char* done, StoreStatus& status) {
  if (sentence.empty()) return;
  status.store_lost = sentence;
  status.doubts.push_back(sentence + "; " + done);
}

// The reports that would call for a better mode were lost with the rest of the store.
ModePlanner without_recovery(const ModePlanner& planner) {
  return [&planner](const ModeState& state, TimePoint now) {
    ModePlan plan = planner(state, now);
    if (plan.next.mode >= state.mode) return plan;
    return ModePlan{
        state, {}, {}, {}, "recovery waits: the store has just lost what was reported to it", {}};
  };
}

// Without a claim and an epoch that others could take for theirs, and without being counted.
void leave_unrecorded(ModeChange& change) {
  const ModeState& before = change.entry.before;
  ModeState& after = change.entry.after;
  after.owed = before.owed;
  after.epoch = before.epoch;
  after.entered = before.entered;
  if (change.entry.transition) change.entry.transition->epoch.reset();
}

constexpr const char* kPutBack =
    "that is put back (if the store was emptied on purpose: 'rz cascade forget')";

}  // namespace

ModeKeeper::ModeKeeper(Storage& storage, ModeKeeperOptions options, const ModeCallbacks& callbacks,
                       Clock& clock)
    : store_(storage, options.retention),
      options_(std::move(options)),
      callbacks_(callbacks),
      clock_(clock) {}

// What the store holds, once it has what waits here and what it has lost. Errors: those of the
// store; what is wrong with the spool alone does not keep anybody from the store.
Result<ModeStore::Snapshot> ModeKeeper::reach(StoreStatus& status, AskHistory ask) {
  const auto hook = [this](ModeState& next, Transition& record) {
    record.actor = options_.actor;
    record.host = options_.host;
    owe_calls(next, record);
    // To be made by whoever comes to it first; this call may not be one that makes any.
    if (!next.owed.empty() && next.owed.back().transition.writer == record.writer) {
      next.owed.back().give_back();
    }
  };
  if (options_.spool != nullptr && options_.spool->pending()) {
    auto report = replay_spool(*options_.spool, store_, ask, clock_.now(), hook);
    if (!report && is_outage(report.error())) return fail(std::move(report).error());
    if (report) {
      status.add_warnings(report->sentences());
      status.add_doubt(report->lost_orders());
      tell_loss(report->store_lost, kPutBack, status);
    } else {
      status.warnings.push_back("the decisions of an outage stay in the spool: " +
                                to_string(report.error()));
    }
  }
  // Before the store is read: what others keep as seen meanwhile is no sign of a loss.
  std::optional<ModeState> known;
  if (options_.spool != nullptr) {
    auto view = options_.spool->peek_known();
    if (view) {
      status.add_doubt(view->damage.sentence());
      known = std::move(view->known);
    } else {
      // A store that has lost its memory would not be noticed.
      status.add_doubt("what this host knew last cannot be used: " + to_string(view.error()));
    }
  }
  auto recalled = recall(store_, known, ask, clock_.now(), status.warnings, hook);
  if (!recalled) return fail(std::move(recalled).error());
  tell_loss(recalled->store_lost, kPutBack, status);
  return std::move(recalled->now);
}

ModeChange ModeKeeper::decide(const ModePlanner& planner, const ModeState& before) const {
  return decide_at(clock_.now(), planner, before, std::nullopt);
}

// When a decision is made, on a store that answers. By a clock that is ahead pins and dwells end
// too early for everybody, and by one that is behind what begins now is over at once: who would
// change anything asks for the time that all hosts share.
TimePoint ModeKeeper::time_to_decide(const ModePlanner& planner, const ModeState& before,
                                     StoreStatus& status) const {
  const TimePoint now = clock_.now();
  const ModePlan plan = planner(before, now);
  const bool decides =
      plan.next.mode != before.mode || plan.next.pin != before.pin || plan.record_reason;
  return decides ? shared_time(now, status) : now;
}

TimePoint ModeKeeper::shared_time(TimePoint now, StoreStatus& status) const {
  const auto shared = store_.storage().server_time();
  if (!shared || !*shared) return now;
  const Micros ahead = now - **shared;
  if (ahead <= kClockTolerance && -ahead <= kClockTolerance) return now;
  status.add_warnings(
      {"the clock of this host is " + humanize_duration(ahead > Micros{0} ? ahead : -ahead) +
       (ahead > Micros{0} ? " ahead of" : " behind") + " the store's; the store's counts"});
  return **shared;
}

// When a state is looked at: a pin that is over by a clock that is ahead may not be.
TimePoint ModeKeeper::time_to_show(const ModeState& state, StoreStatus& status) const {
  const TimePoint now = clock_.now();
  const bool over = state.pin && !state.pinned(now);
  return over && !status.outage ? shared_time(now, status) : now;
}

ModeChange ModeKeeper::decide_at(TimePoint now, const ModePlanner& planner, const ModeState& before,
                                 std::optional<TimePoint> place) const {
  ModePlan plan = planner(before, now);
  ModeChange change;
  change.now = now;
  change.held = std::move(plan.held);
  change.remark = std::move(plan.remark);
  change.entry = {before, std::move(plan.next), std::nullopt};
  ModeState& after = change.entry.after;
  const bool moved = after.mode != before.mode;
  const bool pin_ordered = after.pin != before.pin && plan.trigger != trigger::kPinExpired;
  if (!moved && !plan.record_reason && after == before) return change;

  after.writer = random_token();
  ++after.version;
  if (moved || pin_ordered || plan.trigger == trigger::kForgotten) after.decision = after.writer;
  if (after.lineage.empty()) after.lineage = random_token();
  if (after.pin && after.pin != before.pin) {
    after.pin->lineage = after.lineage;
    after.pin->version = after.version;
  }
  if (!moved && !plan.record_reason) return change;
  after.recorded_at = std::max(next_place(after, now), place.value_or(TimePoint{}));
  Transition record{
      after.recorded_at, before.mode,    after.mode,    moved ? after.reason : *plan.record_reason,
      plan.trigger,      options_.actor, options_.host, std::nullopt};
  record.writer = after.writer;
  record.detail = std::move(plan.detail);
  if (moved) {
    record.epoch = ++after.epoch;
    after.since = record.timestamp;
    after.dwell_from.reset();
    ++after.entered[static_cast<std::size_t>(after.mode)];
    owe_calls(after, record);
  }
  require_invariant(before.recorded_at == TimePoint{} || record.timestamp > before.recorded_at,
                    "a record is later than the one before it");
  require_invariant(!moved || after.epoch > before.epoch, "a transition has an epoch of its own");
  change.entry.transition = std::move(record);
  return change;
}

// Whoever makes the transition runs the callbacks, and has the claim from its very commit on.
void ModeKeeper::owe_calls(ModeState& next, const Transition& record) const {
  if (!record.changes_mode() || !callbacks_.has(record.to)) return;
  next.owed.push_back(owe(record, callbacks_.limits_of(record.to), clock_.now()));
}

Result<ModeChange> ModeKeeper::change(const ModePlanner& planner, Origin origin,
                                      const std::optional<Error>& outage) {
  // Once the store was found away, nothing asks it again.
  if (outage) return change_offline(planner, *outage, std::nullopt, {}, origin);
  StoreStatus status;
  std::optional<TimePoint> place;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    const TimePoint seen = clock_.now();
    const auto before = reach(status);
    if (!before) {
      return change_offline(planner, before.error(), std::nullopt, std::move(status), origin);
    }
    const bool lost = !status.store_lost.empty() && origin == Origin::evaluation;
    const ModePlanner fitting = lost ? without_recovery(planner) : planner;
    const TimePoint now = origin == Origin::bookkeeping
                              ? clock_.now()
                              : time_to_decide(fitting, before->state, status);
    ModeChange change = decide_at(now, fitting, before->state, place);
    if (change.anything()) {
      const SpoolEntry& entry = change.entry;
      const auto won = store_.write(*before, entry.after, entry.transition, status.warnings);
      if (!won) {
        return change_offline(planner, won.error(), std::move(change), std::move(status), origin);
      }
      if (*won == Commit::place_taken) {
        const auto free = store_.free_place(entry.transition->timestamp);
        if (!free) return fail(free.error());
        place = *free;
      }
      if (*won != Commit::done) continue;
    }
    remember(change.entry.after, seen, origin, status);
    change.status = std::move(status);
    return change;
  }
  return fail(ErrorCode::conflict, "the mode kept changing under the decision; try again",
              std::string(kModeStateKey));
}

// On the mode that this host knew last, for this host alone. `attempt`: what may or may not have
// been written before the store went away.
Result<ModeChange> ModeKeeper::change_offline(const ModePlanner& planner, const Error& error,
                                              std::optional<ModeChange> attempt, StoreStatus status,
                                              Origin origin) {
  if (!prevents_keeping_alone(error)) return fail(error);
  std::optional<ModeState> read;
  if (attempt) read = attempt->entry.before;
  if (!is_outage(error) || options_.spool == nullptr) {
    return change_unrecorded(planner, error, std::move(read), std::move(status), origin);
  }
  auto session = options_.spool->open();
  if (!session) {
    const Error both{error.code,
                     error.message + "; nor can the spool be used: " + to_string(session.error()),
                     error.where};
    return change_unrecorded(planner, both, std::move(read), std::move(status), origin);
  }

  // It is the decision, unless others of this host have gone on without it: then it is decided anew
  // on what they left, and the attempt stays before that, with its token, until the store says what
  // became of it.
  const bool alone =
      session->entries().empty() && (!session->view().known || !attempt ||
                                     !has_lost(attempt->entry.before, *session->view().known));
  std::vector<SpoolEntry> entries;
  ModeChange change;
  if (attempt && alone) {
    change = std::move(*attempt);
  } else {
    const auto known = session->state();
    change = decide(planner, known.value_or(ModeState{}));
    // Who has never known the mode can only be sure that a worse one is not too good.
    if (!known && change.entry.after.mode == Mode::primary) return never_known(error);
    if (attempt && attempt->entry.transition) {
      attempt->entry.attempt = true;
      change.entry.instead_of = attempt->entry.after.writer;
      entries.push_back(std::move(attempt->entry));
    }
  }
  if (change.anything()) entries.push_back(change.entry);
  if (!entries.empty()) {
    if (auto added = session->append(entries); !added) {
      const Error both{
          error.code, error.message + "; nor can the decision be kept: " + to_string(added.error()),
          error.where};
      return change_unrecorded(planner, both, std::move(read), std::move(status), origin);
    }
  }
  tell_offline(error, session->view(), status);
  change.status = std::move(status);
  return change;
}

// Nothing can be kept. A worse mode is answered all the same; a better one is not entered, for the
// next process would not know of it. `read`: what the store said in this very call, before it went
// away.
Result<ModeChange> ModeKeeper::change_unrecorded(const ModePlanner& planner, const Error& error,
                                                 std::optional<ModeState> read, StoreStatus status,
                                                 Origin origin) const {
  if (origin != Origin::evaluation) return fail(error);
  SpoolView view;
  if (options_.spool != nullptr) {
    if (auto there = options_.spool->peek()) view = std::move(*there);
  }
  std::optional<ModeState> known = view.state();
  if (read && (!known || (view.entries.empty() && !has_lost(*read, *known)))) known = read;
  ModeChange change = decide(planner, known.value_or(ModeState{}));
  tell_offline(error, view, status);
  if (change.entry.after.mode > change.entry.before.mode) {
    leave_unrecorded(change);
    status.unrecorded = true;
  } else {
    // A damaged store is not away: what it says is wrong, and that is the answer.
    if (!is_outage(error) || options_.spool == nullptr) return fail(error);
    if (!known) return never_known(error);
    if (change.entry.after.mode < change.entry.before.mode) {
      change.held = "recovery waits: that it was entered could not be kept";
    }
    change.entry.after = change.entry.before;
    change.entry.transition.reset();
  }
  change.status = std::move(status);
  return change;
}

void ModeKeeper::tell_offline(const Error& outage, const SpoolView& view,
                              StoreStatus& status) const {
  status.outage = outage;
  status.store_seen = view.seen;
  status.spooled = view.transitions();
  status.orders = view.orders();
  status.add_doubt(view.damage.sentence());
  if (view.outdated) {
    status.doubts.push_back(
        "what this host knew last is out of date: what it saw in the store since could not be "
        "kept");
  }
  // On a full disk that could still be noted; here nothing can.
  if (options_.spool != nullptr) {
    if (const auto writable = options_.spool->check_writable(); !writable) {
      status.doubts.push_back(
          "what this host knew last may be out of date, for it cannot keep what "
          "it sees in the store: " +
          to_string(writable.error()));
    }
  }
  const TimePoint now = clock_.now();
  if (!view.seen) {
    status.doubts.push_back("this host has never seen the store");
  } else if (*view.seen > now) {
    status.doubts.push_back("this host saw the store last at " + format_timestamp(*view.seen) +
                            ", which is ahead of its clock: how long ago that was is unknown");
  } else if (now - *view.seen > options_.max_age_offline) {
    status.doubts.push_back("what this host knew last is " + humanize_duration(now - *view.seen) +
                            " old, more than fallback.max_age_offline (" +
                            format_duration(options_.max_age_offline) + ")");
  }
}

// Whether it is remembered. Where nothing can be written (a read-only container), the store alone
// knows the mode.
bool ModeKeeper::remember(const ModeState& state, TimePoint seen, Origin origin,
                          StoreStatus& status) {
  const bool order = origin == Origin::order;
  if (options_.spool == nullptr) {
    if (!order) return false;
    status.warnings.emplace_back(
        "this host cannot keep the mode for an outage of the store, nor notice that the store has "
        "lost it: it has no state folder; set HOME or XDG_STATE_HOME");
    return false;
  }
  auto kept = options_.spool->remember(state, seen, order ? kOrderPatience : kEvaluationPatience);
  if (kept) return true;
  (order ? status.warnings : status.notes)
      .push_back("this host cannot keep the mode for an outage of the store: " +
                 to_string(kept.error()));
  // Another process has it just now, and knows what it held before.
  return kept.error().code == ErrorCode::timeout;
}

// What cannot be read is to be forgotten, too, so its bytes are all that is expected.
Result<ModeChange> ModeKeeper::forget() {
  SpoolView view;
  if (options_.spool != nullptr) {
    if (auto there = options_.spool->peek()) view = std::move(*there);
  }
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    auto there = store_.read_raw();
    // Something else than a string is in the mode's place, which no commit can expect.
    if (!there && there.error().code == ErrorCode::corrupt && round == 0) {
      auto removed = store_.storage().remove(kModeStateKey);
      if (!removed) return fail(std::move(removed).error());
      continue;
    }
    if (!there) return fail(std::move(there).error());
    const TimePoint now = clock_.now();
    ModeChange change =
        decide([&](const ModeState& state,
                   TimePoint) { return plan_forgetting(state, view.state(), person()); },
               there->state);
    Transition& record = *change.entry.transition;
    const auto free = store_.free_place(record.timestamp);
    if (!free) return fail(free.error());
    record.timestamp = change.entry.after.recorded_at = *free;
    if (record.changes_mode()) change.entry.after.since = *free;
    for (OwedCallback& owed : change.entry.after.owed) {
      if (owed.transition.writer == record.writer) owed.transition.timestamp = *free;
    }
    const auto won =
        store_.write(*there, change.entry.after, change.entry.transition, change.status.warnings);
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
    if (!view.entries.empty()) {
      change.status.warnings.push_back(std::to_string(view.entries.size()) +
                                       " decisions of an outage that waited here were thrown away");
    }
    return change;
  }
  return fail(ErrorCode::conflict, "the mode kept changing; try again", std::string(kModeStateKey));
}

// What holds now, once the store has all that waits here.
Result<KnownMode> ModeKeeper::known(AskHistory ask) {
  StoreStatus status;
  const TimePoint seen = clock_.now();
  auto there = reach(status, ask);
  if (!there) return known_offline(there.error(), std::move(status));
  const bool kept = remember(there->state, seen, Origin::evaluation, status);
  // One in memory is always empty, and its users are told so.
  const bool could_be_lost = !there->bytes && store_.storage().description() != "memory:";
  if (ask == AskHistory::yes && !kept && could_be_lost) {
    status.warnings.emplace_back(
        "the store knows no mode, and this host could not notice that it has lost one: it has no "
        "state folder that it can write to; set HOME or XDG_STATE_HOME");
  }
  const TimePoint now = time_to_show(there->state, status);
  return KnownMode{std::move(there->state), now, std::move(status)};
}

// What holds now, without changing anything anywhere: what waits here will be in the store first.
Result<KnownMode> ModeKeeper::peek() const {
  StoreStatus status;
  SpoolView view;
  if (options_.spool != nullptr) {
    auto there = options_.spool->peek();
    if (there) {
      view = std::move(*there);
    } else {
      status.add_doubt("what this host knew last cannot be used: " + to_string(there.error()));
    }
    status.add_doubt(view.damage.sentence());
  }
  const auto there = store_.read();
  if (!there) return known_offline(there.error(), std::move(status));
  KnownMode known{there->state, clock_.now(), std::move(status)};
  const auto lost = find_loss(store_, *there, view.known, AskHistory::yes);
  if (!lost) return known_offline(lost.error(), std::move(known.status));
  if (*lost) {
    tell_loss((*lost)->sentence, "the next evaluation puts it back", known.status);
    known.state = restored(there->state, (*lost)->known, clock_.now());
  }
  if (view.entries.empty() || !view.state()) return known;
  known.status.spooled = view.transitions();
  known.status.orders = view.orders();
  if (will_hold(known.state, view.entries)) {
    known.state = *view.state();
  } else {
    known.status.add_doubt(lost_orders(view.entries));
    known.status.add_warnings(
        {"others have decided since this host decided alone: what waits here "
         "for the store will be in its history only"});
  }
  return known;
}

Result<ModeChange> ModeKeeper::rehearse(const ModePlanner& planner) const {
  ModeChange change;
  auto known = peek();
  if (!known && !prevents_keeping_alone(known.error())) return fail(std::move(known).error());
  SpoolView view;
  if (!known && options_.spool != nullptr) {
    if (auto there = options_.spool->peek()) view = std::move(*there);
  }
  change.entry.before = known ? known->state : view.state().value_or(ModeState{});
  if (known) change.status = std::move(known->status);
  const bool lost = !change.status.store_lost.empty();
  const ModePlanner fitting = lost ? without_recovery(planner) : planner;
  const bool away = !known || change.status.outage;
  const TimePoint now =
      away ? clock_.now() : time_to_decide(fitting, change.entry.before, change.status);
  change.now = now;
  ModePlan plan = fitting(change.entry.before, now);
  change.entry.after = std::move(plan.next);
  change.held = std::move(plan.held);
  change.remark = std::move(plan.remark);
  if (known) return change;
  // Who does not know the mode can only be sure that a worse one is not too good.
  if (change.entry.after.mode <= change.entry.before.mode) return fail(std::move(known).error());
  tell_offline(known.error(), view, change.status);
  change.status.unrecorded = !is_outage(known.error()) || options_.spool == nullptr;
  return change;
}

Result<KnownMode> ModeKeeper::known_offline(const Error& outage, StoreStatus status) const {
  if (options_.spool == nullptr || !is_outage(outage)) return fail(outage);
  const auto view = options_.spool->peek();
  if (!view) {
    return fail(outage.code,
                outage.message + "; nor can the spool be read: " + to_string(view.error()),
                outage.where);
  }
  if (!view->state()) return never_known(outage);
  tell_offline(outage, *view, status);
  return KnownMode{*view->state(), clock_.now(), std::move(status)};
}

}  // namespace rz
