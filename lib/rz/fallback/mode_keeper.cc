#include "rz/fallback/mode_keeper.h"

#include <algorithm>
#include <utility>

#include "rz/base/invariant.h"
#include "rz/base/random_token.h"
#include "rz/fallback/offline/store_memory.h"

namespace rz::fallback {
namespace {

// A store that is there but damaged must not prevent a safer mode, either.
bool may_decide_alone(const Error& error) {
  return is_outage(error) || error.code == ErrorCode::corrupt;
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

ModePlanner fitting_planner(const ModePlanner& planner, const StoreStatus& status,
                            ModeKeeper::Origin origin) {
  const bool lost = !status.store_lost.empty() && origin == ModeKeeper::Origin::evaluation;
  return lost ? without_recovery(planner) : planner;
}

// Takes away what others would see of a transition that is recorded nowhere: the call that it owes,
// its epoch and its count.
void leave_unrecorded(ModeChange& change) {
  const ModeState& before = change.entry.before;
  ModeState& after = change.entry.after;
  after.owed = before.owed;
  after.epoch = before.epoch;
  after.entered = before.entered;
  if (change.entry.transition) change.entry.transition->epoch.reset();
}

}  // namespace

// A clock that is ahead ends pins and dwell times too early for all hosts, and with one that is
// behind a new pin is over at once. So whoever is about to change something asks the store for the
// time that all hosts share, and `here` learns how far this host's clock is ahead of it.
TimePoint ModeKeeper::time_to_decide(const ModePlanner& planner, const ModeState& before,
                                     HostTime& here, StoreStatus& status) const {
  const TimePoint now = clock_.now();
  const ModePlan plan = planner(before, now);
  const bool decides =
      plan.next.mode != before.mode || plan.next.pin != before.pin || plan.record_reason;
  if (!decides) return now;
  const TimePoint shared = reader_.shared_time(now, status);
  here.ahead = now - shared;
  return shared;
}

ModeChange ModeKeeper::decide_at(TimePoint now, const ModePlanner& planner, const ModeState& before,
                                 std::optional<TimePoint> place) const {
  ModePlan plan = planner(before, now);
  ModeChange change;
  change.now = now;
  change.decided = clock_.monotonic();
  change.held = std::move(plan.held);
  change.remark = std::move(plan.remark);
  change.entry = {before, std::move(plan.next), std::nullopt};
  ModeState& after = change.entry.after;
  const bool moved = after.mode != before.mode;
  const bool pin_ordered = after.pin != before.pin && plan.trigger != trigger::kPinExpired;
  if (!moved && !plan.record_reason && after == before) return change;

  stamp(after);
  if (moved || pin_ordered || plan.trigger == trigger::kForgotten) note_decision(after);
  if (after.lineage.empty()) after.lineage = random_token();
  if (after.pin && after.pin != before.pin) {
    after.pin->lineage = after.lineage;
    after.pin->version = after.version;
  }
  // Who begins anew forgets the orders, too.
  if (pin_ordered && plan.trigger != trigger::kForgotten) note_order(after);
  if (!moved && !plan.record_reason) return change;
  after.recorded_at = std::max(next_place(after, now), place.value_or(TimePoint{}));
  const Person person = reader_.person();
  Transition record{
      after.recorded_at, before.mode,  after.mode,  moved ? after.reason : *plan.record_reason,
      plan.trigger,      person.actor, person.host, std::nullopt};
  record.writer = after.writer;
  record.detail = std::move(plan.detail);
  if (moved) {
    record.epoch = ++after.epoch;
    after.since = record.timestamp;
    after.dwell_from.reset();
    ++after.entered[static_cast<std::size_t>(after.mode)];
    callbacks_.owe_call(after, record, now, spool_ ? spool_->folder_token() : std::string());
  }
  require_invariant(before.recorded_at == TimePoint{} || record.timestamp > before.recorded_at,
                    "a record is later than the one before it");
  require_invariant(!moved || after.epoch > before.epoch, "a transition has an epoch of its own");
  change.entry.transition = std::move(record);
  return change;
}

Result<ModeChange> ModeKeeper::change(const ModePlanner& planner, Origin origin,
                                      const std::optional<Error>& outage) {
  // A store that is away makes each call wait for its timeout: it is not asked again.
  if (outage) return change_offline(planner, *outage, std::nullopt, {}, origin);
  StoreStatus status;
  std::optional<TimePoint> place;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    HostTime seen = HostTime::of(clock_);
    const auto before = reader_.reconcile(status);
    // A loss that was found in this run also holds recovery if the store then goes away.
    const ModePlanner fitting = fitting_planner(planner, status, origin);
    if (!before) {
      return change_offline(fitting, before.error(), std::nullopt, std::move(status), origin);
    }
    const TimePoint now = origin == Origin::bookkeeping
                              ? clock_.now()
                              : time_to_decide(fitting, before->state, seen, status);
    ModeChange change = decide_at(now, fitting, before->state, place);
    if (change.anything()) {
      const SpoolEntry& entry = change.entry;
      const auto won = store_.write(*before, entry.after, entry.transition, status.warnings);
      if (!won) {
        return change_offline(fitting, won.error(), std::move(change), std::move(status), origin);
      }
      if (*won == Commit::place_taken) {
        const auto free = store_.free_place(entry.transition->timestamp);
        if (!free) {
          // The write is known to have taken no effect, so that nothing of it has to be looked for.
          reader_.remember(before->state, seen, false, status);
          return change_offline(fitting, free.error(), std::nullopt, std::move(status), origin);
        }
        place = *free;
      }
      if (*won != Commit::done) continue;
    }
    reader_.remember(change.entry.after, seen, origin == Origin::order, status);
    change.status = std::move(status);
    return change;
  }
  return fail(ErrorCode::conflict, "the mode kept changing under the decision; try again",
              std::string(kModeStateKey));
}

// Decides from the mode that this host knew last, for this host alone. `attempt`: a write of which
// it is unknown whether it took effect before the store went away.
Result<ModeChange> ModeKeeper::change_offline(const ModePlanner& planner, const Error& error,
                                              std::optional<ModeChange> attempt, StoreStatus status,
                                              Origin origin) {
  if (!may_decide_alone(error)) return fail(error);
  std::optional<ModeState> read;
  if (attempt) read = attempt->entry.before;
  if (!is_outage(error) || spool_ == nullptr) {
    return change_unrecorded(planner, error, std::move(read), std::move(status), origin);
  }
  auto session = spool_->open();
  if (!session) {
    const Error both{error.code,
                     error.message + "; nor can the spool be used: " + to_string(session.error()),
                     error.where};
    return change_unrecorded(planner, both, std::move(read), std::move(status), origin);
  }

  auto decided =
      decide_offline(planner, error, std::move(attempt), session->view(), status, origin);
  if (!decided) return fail(std::move(decided).error());
  if (!decided->entries.empty()) {
    if (auto added = session->append(decided->entries); !added) {
      const Error both{
          error.code, error.message + "; nor can the decision be kept: " + to_string(added.error()),
          error.where};
      return change_unrecorded(planner, both, std::move(read), std::move(status), origin);
    }
  }
  reader_.describe_outage(error, session->view(), status);
  decided->change.status = std::move(status);
  return std::move(decided->change);
}

// The attempt is the decision, unless another process of this host has decided since: then the
// decision is made again from that state. The attempt is spooled before it, with its token, until
// the store tells whether it took effect.
Result<ModeKeeper::OfflineDecision> ModeKeeper::decide_offline(
    const ModePlanner& planner, const Error& error, std::optional<ModeChange> attempt,
    const SpoolView& view, StoreStatus& status, Origin origin) const {
  const Uptime made = Uptime::of(clock_);
  // Whether another process has seen the store later than the attempt's base: then the decision is
  // made on what came of the attempt, and not instead of it.
  const bool seen_since = attempt && view.known && has_lost(attempt->entry.before, *view.known);
  if (attempt) attempt->entry.made = made;
  if (attempt && view.entries.empty() && !seen_since) {
    SpoolEntry entry = attempt->entry;
    return OfflineDecision{*std::move(attempt), {std::move(entry)}};
  }
  // It took effect, and an order is carried out once.
  const bool carried_out =
      seen_since && origin == Origin::order && view.known->has_order(attempt->entry.after.writer);
  if (carried_out) return OfflineDecision{*std::move(attempt), {}};

  const auto known = view.state();
  const TimePoint now = reader_.offline_time(view, status);
  OfflineDecision decided{decide_at(now, planner, known.value_or(ModeState{}), std::nullopt), {}};
  ModeChange& change = decided.change;
  change.entry.made = made;
  // A host that has never known the mode may only make it worse: any better one might be wrong.
  if (!known && change.entry.after.mode == Mode::primary) return mode_never_known(error);
  if (origin == Origin::order && !change.anything()) {
    const char* unknown = attempt ? "; whether the pin was released cannot be told now"
                                  : "; this host knows of no pin, and whether the store holds one "
                                    "cannot be told now: nothing was released";
    return fail(error.code, error.message + unknown, error.where);
  }
  if (attempt && attempt->entry.transition) {
    attempt->entry.attempt = true;
    if (!seen_since) change.entry.instead_of = attempt->entry.after.writer;
    decided.entries.push_back(std::move(attempt->entry));
  }
  if (change.anything()) decided.entries.push_back(change.entry);
  return decided;
}

// Decides where nothing can be recorded. A worse mode is answered all the same; a better one is not
// entered, because the next process would not know of it. `read`: what the store said in this call,
// before it went away.
Result<ModeChange> ModeKeeper::change_unrecorded(const ModePlanner& planner, const Error& error,
                                                 std::optional<ModeState> read, StoreStatus status,
                                                 Origin origin) const {
  if (origin != Origin::evaluation) return fail(error);
  SpoolView view;
  if (spool_ != nullptr) {
    if (auto there = spool_->peek()) view = std::move(*there);
  }
  std::optional<ModeState> known = view.state();
  if (read && (!known || (view.entries.empty() && !has_lost(*read, *known)))) known = read;
  const TimePoint now = reader_.offline_time(view, status);
  ModeChange change = decide_at(now, planner, known.value_or(ModeState{}), std::nullopt);
  reader_.describe_outage(error, view, status);
  if (change.entry.after.mode > change.entry.before.mode) {
    leave_unrecorded(change);
    status.unrecorded = true;
  } else {
    // A damaged store is not away: the damage is the answer.
    if (!is_outage(error) || spool_ == nullptr) return fail(error);
    if (!known) return mode_never_known(error);
    if (change.entry.after.mode < change.entry.before.mode) {
      change.held = "recovery waits: the better mode could not be recorded";
    }
    change.entry.after = change.entry.before;
    change.entry.transition.reset();
  }
  change.status = std::move(status);
  return change;
}

// A state that cannot be read is forgotten, too: the write expects its bytes, whatever they mean.
Result<ModeChange> ModeKeeper::forget() {
  SpoolView view;
  if (spool_ != nullptr) {
    if (auto there = spool_->peek()) view = std::move(*there);
  }
  bool removed = false;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    auto there = store_.read_raw();
    // The key holds another type than a string, which a commit cannot expect: it is removed first.
    if (!there && there.error().code == ErrorCode::corrupt && !removed) {
      auto gone = store_.storage().remove(kModeStateKey);
      if (!gone) return fail(std::move(gone).error());
      removed = true;
      continue;
    }
    if (!there) return fail(std::move(there).error());
    const HostTime seen = HostTime::of(clock_);
    StoreStatus status;
    // Of a state that cannot be read this host may know what it was.
    const bool unreadable = removed || (there->bytes && !decode_mode_state(*there->bytes));
    const ModeState before = unreadable && view.known ? *view.known : there->state;
    ModeChange change = decide_at(
        reader_.shared_time(seen.now, status),
        [&](const ModeState& state, TimePoint) {
          return plan_forgetting(state, view.state(), reader_.person());
        },
        before, std::nullopt);
    change.status = std::move(status);
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
    if (spool_ != nullptr) {
      if (auto forgotten = spool_->forget(change.entry.after, seen); !forgotten) {
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

Result<ModeChange> ModeKeeper::rehearse(const ModePlanner& planner) const {
  ModeChange change;
  auto known = reader_.peek();
  if (!known && !may_decide_alone(known.error())) return fail(std::move(known).error());
  SpoolView view;
  if (!known && spool_ != nullptr) {
    if (auto there = spool_->peek()) view = std::move(*there);
  }
  const ModeState before = known ? known->state : view.state().value_or(ModeState{});
  if (known) change.status = std::move(known->status);
  const bool lost = !change.status.store_lost.empty();
  const ModePlanner fitting = lost ? without_recovery(planner) : planner;
  const bool away = !known || change.status.outage;
  HostTime here;
  const TimePoint now = !known ? reader_.offline_time(view, change.status)
                        : away ? known->now
                               : time_to_decide(fitting, before, here, change.status);
  StoreStatus status = std::move(change.status);
  change = decide_at(now, fitting, before, std::nullopt);
  change.status = std::move(status);
  change.entry.transition.reset();
  // Who decides makes the call at once.
  change.entry.after.owed = before.owed;
  if (known) return change;
  // A host that does not know the mode may only make it worse: any better one might be wrong.
  if (change.entry.after.mode <= change.entry.before.mode) return fail(std::move(known).error());
  reader_.describe_outage(known.error(), view, change.status);
  change.status.unrecorded = !is_outage(known.error()) || spool_ == nullptr;
  if (change.status.unrecorded) leave_unrecorded(change);
  return change;
}

}  // namespace rz::fallback
