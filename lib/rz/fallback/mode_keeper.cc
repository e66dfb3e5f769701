#include "rz/fallback/mode_keeper.h"

#include <algorithm>
#include <utility>

#include "rz/base/invariant.h"
#include "rz/base/random_token.h"
#include "rz/fallback/offline/decide_alone.h"
#include "rz/fallback/offline/voting_alone.h"

namespace rz::fallback {
namespace {

// The reports that would call for a better mode were lost with the rest of the store, and so was
// what this host voted for.
ModePlanner without_recovery(const ModePlanner& planner, Election* election) {
  return [&planner, election](const ModeState& state, TimePoint now) {
    ModePlan plan = planner(state, now);
    if (plan.next.mode >= state.mode) return plan;
    // What it calls for is kept if that is a worse mode: the votes are lost, too.
    if (election != nullptr && election->ballot && !election->ballot->vote) {
      election->ballot.reset();
    }
    return ModePlan{.next = state,
                    .held = "recovery waits: the store has just lost what was reported to it"};
  };
}

ModePlanner fitting_planner(const ModePlanner& planner, const StoreStatus& status,
                            ModeKeeper::Origin origin, Election* election) {
  const bool lost = !status.store_lost.empty() && origin == ModeKeeper::Origin::evaluation;
  return lost ? without_recovery(planner, election) : planner;
}

}  // namespace

// A clock that is ahead ends pins and dwell times too early for all hosts, and with one that is
// behind a new pin is over at once. So whoever is about to change something asks the store for the
// time that all hosts share, and `here` learns how far this host's clock is ahead of it.
TimePoint ModeKeeper::time_to_decide(const ModePlanner& planner, const ModeState& before,
                                     const Election* election, HostTime& here,
                                     StoreStatus& status) const {
  const TimePoint now = clock_.now();
  const ModePlan plan = planner(before, now);
  // Others see by the time of a vote how old it is.
  const bool votes =
      election != nullptr && (election->changes_vote() || election->must_say_evaluated(now));
  const bool decides =
      plan.next.mode != before.mode || plan.next.pin != before.pin || plan.record_reason || votes;
  if (!decides) return now;
  const TimePoint shared = reconciler_.shared_time(now, status);
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
  change.before = before;
  change.after = std::move(plan.next);
  ModeState& after = change.after;
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
  const Person person = reconciler_.person();
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
    callbacks_.owe_call(after, record, now,
                        spool_ ? spool_->calls().folder_token() : std::string());
  }
  require_invariant(before.recorded_at == TimePoint{} || record.timestamp > before.recorded_at,
                    "a record is later than the one before it");
  require_invariant(!moved || after.epoch > before.epoch, "a transition has an epoch of its own");
  change.transition = std::move(record);
  return change;
}

Result<ModeChange> ModeKeeper::change(const ModePlanner& planner, Origin origin,
                                      const std::optional<Error>& outage, Election* election,
                                      const CallInState* call) {
  const Request request{planner, origin, election, call};
  // A store that is away makes each call wait for its timeout: it is not asked again.
  if (outage) return change_without_store(request, planner, *outage, {}, {});
  StoreStatus status;
  std::optional<TimePoint> place;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    auto tried = try_change(request, place, status);
    if (!tried) return fail(std::move(tried).error());
    if (*tried) return **std::move(tried);
  }
  return fail(ErrorCode::conflict, "the mode kept changing under the decision; try again",
              std::string(kModeStateKey));
}

Result<ModeChange> ModeKeeper::change_without_store(const Request& request,
                                                    const ModePlanner& planner, const Error& away,
                                                    Unwritten unwritten, StoreStatus status) {
  const auto decide = [&](TimePoint now, const ModeState& before) {
    return decide_at(now, planner, before, std::nullopt);
  };
  return decide_alone({decide, request.origin, request.election, request.call}, away,
                      std::move(unwritten), std::move(status), reconciler_, clock_);
}

// Nothing: another process was faster, or the record's place was taken.
Result<std::optional<ModeChange>> ModeKeeper::try_change(const Request& request,
                                                         std::optional<TimePoint>& place,
                                                         StoreStatus& status) {
  Election* const election = request.election;
  HostTime seen = HostTime::of(clock_);
  HostNotes notes;
  const auto before = reconciler_.reconcile(status, AskHistory::yes, &notes);
  // A loss that was found in this run also holds recovery if the store then goes away.
  const ModePlanner planner = fitting_planner(request.planner, status, request.origin, election);
  if (!before) return change_without_store(request, planner, before.error(), {}, std::move(status));
  if (election != nullptr) {
    if (const auto polled = read_election(*election, notes, before->state); !polled) {
      reconciler_.remember(before->state, seen, false, status);
      return change_without_store(request, planner, polled.error(), {before->state, std::nullopt},
                                  std::move(status));
    }
  }
  const TimePoint now = request.origin == Origin::bookkeeping
                            ? clock_.now()
                            : time_to_decide(planner, before->state, election, seen, status);
  ModeChange change = decide_at(now, planner, before->state, place);
  const auto won = write(*before, change, election, status);
  if (!won && change.anything()) {
    return change_without_store(request, planner, won.error(), {before->state, std::move(change)},
                                std::move(status));
  }
  if (!won) {
    // The mode is what the store has just said.
    keep_uncast(*election, notes, won.error(), *before, seen, status);
  } else if (*won == Commit::place_taken) {
    const auto free = store_.free_place(change.transition->timestamp);
    if (!free) {
      // The write is known to have taken no effect, so that nothing of it has to be looked for.
      reconciler_.remember(before->state, seen, false, status);
      return change_without_store(request, planner, free.error(), {before->state, std::nullopt},
                                  std::move(status));
    }
    place = *free;
    return std::optional<ModeChange>();
  } else if (*won != Commit::done) {
    return std::optional<ModeChange>();
  } else {
    reconciler_.remember(change.after, seen, request.origin == Origin::order, status,
                         notes_after(election, notes, seen.now, change.after.lineage));
  }
  change.status = std::move(status);
  return change;
}

// What this host calls for could not be stored, or nobody knows whether it was. The next evaluation
// sees; what the host remembers is kept here until then.
void ModeKeeper::keep_uncast(const Election& election, const HostNotes& notes, const Error& error,
                             const ModeStore::Snapshot& before, const HostTime& seen,
                             StoreStatus& status) {
  const std::string what = "what this host calls for could not be stored: " + to_string(error);
  status.warnings.push_back(what);
  // Others may decide without it.
  if (election.changes_vote() && !before.state.pin) status.add_doubt(what);
  auto kept = notes_after(&election, notes, seen.now, before.state.lineage);
  if (kept) kept->memory_is_ahead = kept->memory_is_ahead || election.changes_memory();
  reconciler_.remember(before.state, seen, false, status, kept);
}

// Fills in the votes that stand. What this host remembers is in the store, unless it has been cut
// off since.
Result<void> ModeKeeper::read_election(Election& election, const HostNotes& notes,
                                       const ModeState& there) const {
  auto found = read_poll(store_.storage(), election.votes.voter, election.stale_after.has_value());
  if (!found) return fail(std::move(found).error());
  election.is_cut_off = false;
  election.ballot.reset();
  election.found = std::move(*found);
  if (notes.memory_is_ahead) {
    election.found.memory = notes.memory;
    election.found.memory_is_stored = false;
  }
  // A store that has lost its memory has lost the votes, too, and not all hosts have cast theirs
  // again when the first one has. Where a person has begun it anew, nobody calls for anything.
  const bool on_purpose = there.begun_anew && there.begun_anew->lineage == there.lineage;
  const bool lost = !election.found.token || (there.lineage != notes.others_lineage && !on_purpose);
  if (lost) election.found.others_known = notes.others_at(clock_.now(), election.votes.ttl);
  return {};
}

// Writes what the change and the ballot have to write; nothing is done at once.
Result<Commit> ModeKeeper::write(const ModeStore::Snapshot& before, const ModeChange& change,
                                 const Election* election, StoreStatus& status) {
  const bool recovers = change.after.mode < change.before.mode;
  const Batch beside = election != nullptr ? election->writes(change.now, recovers) : Batch{};
  if (change.anything()) {
    return store_.write(before, change.after, change.transition, status.warnings, beside);
  }
  if (beside.writes.empty()) return Commit::done;
  return store_.write_beside(before, beside);
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
        reconciler_.shared_time(seen.now, status),
        [&](const ModeState& state, TimePoint) {
          return plan_forgetting(state, view.state(), reconciler_.person());
        },
        before, std::nullopt);
    change.status = std::move(status);
    Transition& record = *change.transition;
    const auto free = store_.free_place(record.timestamp);
    if (!free) return fail(free.error());
    record.timestamp = change.after.recorded_at = *free;
    if (record.changes_mode()) change.after.since = *free;
    for (OwedCallback& owed : change.after.owed) {
      if (owed.transition.writer == record.writer) owed.transition.timestamp = *free;
    }
    auto votes = forget_votes(store_.storage(), reconciler_.votes().voter);
    // What cannot be read must not be in the way of who begins anew.
    if (!votes && votes.error().code == ErrorCode::corrupt) votes = Batch{};
    if (!votes) return fail(votes.error());
    const auto won =
        store_.write(*there, change.after, change.transition, change.status.warnings, *votes);
    if (!won) return fail(won.error());
    if (*won != Commit::done) continue;
    if (spool_ != nullptr) {
      if (auto forgotten = spool_->forget(change.after, seen); !forgotten) {
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

Result<ModeChange> ModeKeeper::rehearse(const ModePlanner& planner, Election* election) const {
  ModeChange change;
  auto known = reconciler_.peek();
  if (!known && !may_decide_alone(known.error())) return fail(std::move(known).error());
  SpoolView view;
  if (spool_ != nullptr && (!known || election != nullptr)) {
    if (auto there = spool_->peek()) view = std::move(*there);
  }
  if (election != nullptr) {
    const bool reached = known && !known->status.outage;
    const auto polled =
        reached ? read_election(*election, view.notes, known->state) : Result<void>();
    if (!polled && !is_outage(polled.error())) return fail(polled.error());
    if (!reached || !polled) poll_alone(election, view.notes, clock_.now());
  }
  const ModeState before = known ? known->state : view.state().value_or(ModeState{});
  if (known) change.status = std::move(known->status);
  const bool lost = !change.status.store_lost.empty();
  const ModePlanner fitting = lost ? without_recovery(planner, election) : planner;
  const bool away = !known || change.status.outage;
  HostTime here;
  const TimePoint now = !known ? reconciler_.offline_time(view, change.status)
                        : away ? known->now
                               : time_to_decide(fitting, before, election, here, change.status);
  StoreStatus status = std::move(change.status);
  change = decide_at(now, fitting, before, std::nullopt);
  change.status = std::move(status);
  change.transition.reset();
  // Who decides makes the call at once.
  change.after.owed = before.owed;
  if (known) return change;
  // A host that does not know the mode may only make it worse: any better one might be wrong.
  if (change.after.mode <= change.before.mode) return fail(std::move(known).error());
  reconciler_.describe_outage(known.error(), view, change.status);
  change.status.unrecorded = !is_outage(known.error()) || spool_ == nullptr;
  if (change.status.unrecorded) leave_unrecorded(change);
  return change;
}

}  // namespace rz::fallback
