#include "rz/fallback/offline/decide_alone.h"

#include <string>
#include <utility>
#include <vector>

#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/store_memory.h"
#include "rz/fallback/offline/voting_alone.h"

namespace rz::fallback {

namespace {

// Whether this host knows that nothing is owed any more of what the caller has read: a decision
// that waits here has seen it end, or what was seen in the store since, which is later than what
// these decisions were made on.
bool was_seen_to_end(const ModeKeeper::CallInState& call, const SpoolView& view) {
  bool over = false;
  for (const StateChange& entry : view.entries) {
    const bool is_owed = find_call(entry.after.owed, call.token) != nullptr;
    if (find_call(entry.before.owed, call.token) != nullptr && !is_owed) over = true;
    // A person has asked for it again since.
    if (over && is_owed) over = false;
  }
  if (over) return true;
  if (!view.known || find_call(view.known->owed, call.token) != nullptr) return false;
  const bool waits_on_it =
      !view.entries.empty() && find_call(view.entries.front().before.owed, call.token) != nullptr;
  return !has_lost(*view.known, waits_on_it ? view.entries.front().before : call.read);
}

// The decisions that wait here may have been made from an older state than the one that the caller
// has read, or than what this host has seen since. Without the call nothing would be kept of what
// became of it, and it would be made again; with one that is over, too.
void settle_call(const ModeKeeper::CallInState& call, const SpoolView& view, ModeState& state) {
  if (was_seen_to_end(call, view)) return remove_call(state.owed, call.token);
  const OwedCallback* const owed = find_call(call.read.owed, call.token);
  const bool unknown = owed != nullptr && find_call(state.owed, call.token) == nullptr;
  if (unknown) state.owed.push_back(*owed);
}

/// What is decided, and what of it the spool must get.
struct ForSpool {
  ModeChange change;
  std::vector<SpoolEntry> entries;
};

// The attempt is the decision, unless another process of this host has decided since: then the
// decision is made again from that state. The attempt is spooled before it, with its token, until
// the store tells whether it took effect.
Result<ForSpool> decide_for_spool(const WantedChange& wanted, const Error& error,
                                  std::optional<ModeChange> attempt, const SpoolView& view,
                                  StoreStatus& status, const ModeReconciler& reconciler,
                                  const Clock& clock) {
  const Uptime made = Uptime::of(clock);
  // Whether another process has seen the store later than the attempt's base: then the decision is
  // made on what came of the attempt, and not instead of it.
  const bool seen_since = attempt && view.known && has_lost(attempt->before, *view.known);
  if (attempt && view.entries.empty() && !seen_since) {
    SpoolEntry entry{*attempt, false, {}, made};
    return ForSpool{*std::move(attempt), {std::move(entry)}};
  }
  // It took effect, and an order is carried out once.
  const bool carried_out = seen_since && wanted.origin == ModeKeeper::Origin::order &&
                           view.known->has_order(attempt->after.writer);
  if (carried_out) return ForSpool{*std::move(attempt), {}};

  const auto known = view.state();
  const TimePoint now = reconciler.offline_time(view, status);
  ModeState base = known.value_or(ModeState{});
  if (wanted.call != nullptr) settle_call(*wanted.call, view, base);
  ForSpool decided{wanted.decide(now, base), {}};
  const ModeChange& change = decided.change;
  // A host that has never known the mode may only make it worse: any better one might be wrong.
  if (!known && change.after.mode == Mode::primary) return mode_never_known(error);
  if (wanted.origin == ModeKeeper::Origin::order && !change.anything()) {
    const char* unknown = attempt ? "; whether the pin was released cannot be told now"
                                  : "; this host knows of no pin, and whether the store holds one "
                                    "cannot be told now: nothing was released";
    return fail(error.code, error.message + unknown, error.where);
  }
  std::string instead_of;
  if (attempt && attempt->transition) {
    if (!seen_since) instead_of = attempt->after.writer;
    decided.entries.push_back({*std::move(attempt), true, {}, made});
  }
  if (change.anything()) decided.entries.push_back({change, false, std::move(instead_of), made});
  return decided;
}

// Decides where nothing can be recorded. A worse mode is answered all the same; a better one is not
// entered, because the next process would not know of it. `read`: what the store said in this call,
// before it went away.
Result<ModeChange> decide_unrecorded(const WantedChange& wanted, const Error& error,
                                     std::optional<ModeState> read, StoreStatus status,
                                     const ModeReconciler& reconciler, const Clock& clock) {
  if (wanted.origin != ModeKeeper::Origin::evaluation) return fail(error);
  const Spool* const spool = reconciler.spool();
  SpoolView view;
  if (spool != nullptr) {
    if (auto there = spool->peek()) view = std::move(*there);
  }
  std::optional<ModeState> known = view.state();
  if (read && (!known || (view.entries.empty() && !has_lost(*read, *known)))) known = read;
  const TimePoint now = reconciler.offline_time(view, status);
  poll_alone(wanted.election, view.notes, clock.now());
  ModeChange change = wanted.decide(now, known.value_or(ModeState{}));
  reconciler.describe_outage(error, view, status);
  if (change.after.mode > change.before.mode) {
    leave_unrecorded(change);
    status.unrecorded = true;
  } else {
    // A damaged store is not away: the damage is the answer.
    if (!is_outage(error) || spool == nullptr) return fail(error);
    if (!known) return mode_never_known(error);
    if (change.after.mode < change.before.mode) {
      change.held = "recovery waits: the better mode could not be recorded";
    }
    change.after = change.before;
    change.transition.reset();
  }
  change.status = std::move(status);
  return change;
}

}  // namespace

Result<ModeChange> decide_alone(const WantedChange& wanted, const Error& error, Unwritten unwritten,
                                StoreStatus status, const ModeReconciler& reconciler,
                                const Clock& clock) {
  if (!may_decide_alone(error)) return fail(error);
  const auto without_record = [&](const Error& why) {
    return decide_unrecorded(wanted, why, std::move(unwritten.read), std::move(status), reconciler,
                             clock);
  };
  Spool* const spool = reconciler.spool();
  if (!is_outage(error) || spool == nullptr) return without_record(error);
  auto session = spool->open();
  if (!session) {
    const Error both{error.code,
                     error.message + "; nor can the spool be used: " + to_string(session.error()),
                     error.where};
    return without_record(both);
  }

  const HostNotes notes = session->view().notes;
  poll_alone(wanted.election, notes, clock.now());
  auto decided = decide_for_spool(wanted, error, std::move(unwritten.attempt), session->view(),
                                  status, reconciler, clock);
  if (!decided) return fail(std::move(decided).error());
  if (!decided->entries.empty()) {
    if (auto added = session->append(decided->entries); !added) {
      const Error both{
          error.code, error.message + "; nor can the decision be kept: " + to_string(added.error()),
          error.where};
      return without_record(both);
    }
  }
  if (const auto kept = notes_after(wanted.election, notes, clock.now(), {})) {
    if (auto noted = session->note(*kept); !noted) {
      status.notes.push_back("what this host remembers of its evaluations cannot be kept: " +
                             to_string(noted.error()));
    }
  }
  reconciler.describe_outage(error, session->view(), status);
  decided->change.status = std::move(status);
  return std::move(decided->change);
}

}  // namespace rz::fallback
