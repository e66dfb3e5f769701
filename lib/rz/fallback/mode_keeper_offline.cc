#include "rz/fallback/mode_keeper.h"

#include <utility>

#include "rz/fallback/offline/store_memory.h"
#include "rz/fallback/offline/voting_alone.h"

namespace rz::fallback {

namespace {

// Whether this host knows that nothing is owed any more of what the caller has read: a decision
// that waits here has seen it end, or what was seen in the store since, which is later than what
// these decisions were made on.
bool was_seen_to_end(const ModeKeeper::CallInState& call, const SpoolView& view) {
  bool over = false;
  for (const SpoolEntry& entry : view.entries) {
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

}  // namespace

// Decides from the mode that this host knew last, for this host alone.
Result<ModeChange> ModeKeeper::change_offline(const ModePlanner& planner, const Error& error,
                                              Unwritten unwritten, StoreStatus status,
                                              Origin origin, Election* election,
                                              const CallInState* call) {
  if (!may_decide_alone(error)) return fail(error);
  std::optional<ModeState>& read = unwritten.read;
  if (!is_outage(error) || spool_ == nullptr) {
    return change_unrecorded(planner, error, std::move(read), std::move(status), origin, election);
  }
  auto session = spool_->open();
  if (!session) {
    const Error both{error.code,
                     error.message + "; nor can the spool be used: " + to_string(session.error()),
                     error.where};
    return change_unrecorded(planner, both, std::move(read), std::move(status), origin, election);
  }

  const HostNotes notes = session->view().notes;
  poll_alone(election, notes, clock_.now());
  auto decided = decide_offline(planner, error, std::move(unwritten.attempt), session->view(),
                                status, origin, call);
  if (!decided) return fail(std::move(decided).error());
  if (!decided->entries.empty()) {
    if (auto added = session->append(decided->entries); !added) {
      const Error both{
          error.code, error.message + "; nor can the decision be kept: " + to_string(added.error()),
          error.where};
      return change_unrecorded(planner, both, std::move(read), std::move(status), origin, election);
    }
  }
  if (const auto kept = notes_after(election, notes, clock_.now(), {})) {
    if (auto noted = session->note(*kept); !noted) {
      status.notes.push_back("what this host remembers of its evaluations cannot be kept: " +
                             to_string(noted.error()));
    }
  }
  reconciler_.describe_outage(error, session->view(), status);
  decided->change.status = std::move(status);
  return std::move(decided->change);
}

// The attempt is the decision, unless another process of this host has decided since: then the
// decision is made again from that state. The attempt is spooled before it, with its token, until
// the store tells whether it took effect.
Result<ModeKeeper::OfflineDecision> ModeKeeper::decide_offline(
    const ModePlanner& planner, const Error& error, std::optional<ModeChange> attempt,
    const SpoolView& view, StoreStatus& status, Origin origin, const CallInState* call) const {
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
  const TimePoint now = reconciler_.offline_time(view, status);
  ModeState base = known.value_or(ModeState{});
  if (call != nullptr) settle_call(*call, view, base);
  OfflineDecision decided{decide_at(now, planner, base, std::nullopt), {}};
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
                                                 Origin origin, Election* election) const {
  if (origin != Origin::evaluation) return fail(error);
  SpoolView view;
  if (spool_ != nullptr) {
    if (auto there = spool_->peek()) view = std::move(*there);
  }
  std::optional<ModeState> known = view.state();
  if (read && (!known || (view.entries.empty() && !has_lost(*read, *known)))) known = read;
  const TimePoint now = reconciler_.offline_time(view, status);
  poll_alone(election, view.notes, clock_.now());
  ModeChange change = decide_at(now, planner, known.value_or(ModeState{}), std::nullopt);
  reconciler_.describe_outage(error, view, status);
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

}  // namespace rz::fallback
