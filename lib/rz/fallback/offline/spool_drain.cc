#include "rz/fallback/offline/spool_drain.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "rz/fallback/offline/drained_calls.h"
#include "rz/fallback/offline/drained_vote.h"
#include "rz/fallback/offline/spooled_decision.h"
#include "rz/fallback/poll.h"

namespace rz::fallback {
namespace {

// One entry at a time; what it becomes is counted in the report.
class Drain {
 public:
  /// `shared`: the time by the store's clock, if it tells.
  /// `votes`: in whose name this host votes, and of how many hosts the mode takes the votes.
  Drain(ModeStore& store, const std::vector<SpoolEntry>& entries, HostTime here,
        std::optional<TimePoint> shared, VoteOptions votes, DrainReport& report)
      : store_(store),
        entries_(entries),
        here_(std::move(here)),
        shared_(shared),
        votes_(std::move(votes)),
        report_(report) {
    for (const SpoolEntry& entry : entries) {
      if (!entry.attempt) final_state_ = entry.after;
    }
  }

  Result<void> settle(const SpoolEntry& entry) {
    const SpoolEntry* const stands = effective_attempt_for(entry);
    if (stands != nullptr) {
      replaced_ = entry.after.decision;
      if (!makes_another_transition(entry, *stands)) {
        count(entry);
        return {};
      }
    }
    if (!is_decision(entry)) return settle_bookkeeping(entry);
    for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
      // The state is read before the trace is looked for: a late write in between changes the
      // state, and then the write below is refused.
      const auto now = store_.read();
      if (!now) return fail(now.error());
      const auto there = store_.find_write(entry.after.writer, entry.transition);
      if (!there) return fail(there.error());
      if (*there == ModeStore::Trace::decided) return settle_found(entry);
      if (*there == ModeStore::Trace::history_alone) {
        return stands != nullptr ? settle_beside(entry, *stands) : settle_overtaken(entry);
      }
      // A late write can only take effect on exactly the state that it expects, which is gone.
      if (entry.attempt && now->state.writer != entry.before.writer) return {};
      if (stands == nullptr) {
        overtaken_ = overtaken_ || !is_base(now->state, entry.before) || is_too_early(entry);
      }
      Batch vote;
      if (stands == nullptr && !overtaken_ && is_evaluated(entry)) {
        auto poll = read_poll(store_.storage(), votes_.voter, false);
        if (!poll) return fail(std::move(poll).error());
        overtaken_ = is_outvoted(*entry.transition, poll->others, votes_.quorum);
        if (!overtaken_) {
          vote = vote_of(*entry.transition, std::move(*poll), votes_, shared_.value_or(here_.now));
        }
      }
      const auto won = overtaken_ || stands != nullptr ? append_to_history(*now, entry)
                                                       : write_at_free_place(*now, entry, vote);
      if (!won) return fail(won.error());
      if (*won != Commit::done) continue;
      if (stands != nullptr) return settle_beside(entry, *stands);
      if (overtaken_) return settle_overtaken(entry);
      note_recorded(entry);
      return {};
    }
    return fail(ErrorCode::conflict, "the mode kept changing while the spool was drained",
                std::string(kModeStateKey));
  }

 private:
  // What became of calls. A count of good evaluations has no meaning once the store is back.
  Result<void> settle_bookkeeping(const SpoolEntry& entry) {
    if (entry.after.owed == entry.before.owed) return {};
    std::vector<std::string> lost;
    auto changed = change_calls([&](ModeState& state) {
      apply_call_changes(entry, shared_.value_or(here_.now), state);
      add_calls_asked_for(entry, state);
      lost = lost_orders_about_calls(entry, state);
    });
    if (changed) std::move(lost.begin(), lost.end(), std::back_inserter(report_.warnings));
    return changed;
  }

  // Whether nobody has decided anything since. An attempt that took effect stands for the decision
  // that replaced it, unless that was one for another mode: what follows would begin in a mode that
  // does not hold.
  bool is_base(const ModeState& now, const ModeState& before) const {
    if (same_decision(now, before)) return true;
    if (now.mode != before.mode) return false;
    return !replaced_.empty() && before.decision == replaced_ && now.decision == effective_attempt_;
  }

  bool is_too_early(const SpoolEntry& entry) {
    if (!shared_ || !is_premature(entry, *shared_)) return false;
    report_.warnings.emplace_back(
        "a decision that this host made alone does not hold: its clock was ahead of the store's");
    return true;
  }

  void set_pin_right(const SpoolEntry& entry, ModeState& next) {
    if (!shared_ || !set_pin_by(*shared_, here_, entry, next)) return;
    report_.warnings.emplace_back(
        "a pin of the outage was given by a clock that differs from the store's: it holds by the "
        "store's");
  }

  void count(const SpoolEntry& entry) {
    if (is_acknowledged_transition(entry)) ++report_.recorded;
  }

  void note_recorded(const SpoolEntry& entry) {
    if (entry.attempt) effective_attempt_ = entry.after.writer;
    count(entry);
  }

  // Its commit had taken effect, and with it the call that it owes. The process that made it no
  // longer waits for the answer, so the claim is given back, or goes to who calls for the decision
  // that was made instead of it: both stand for one transition, and must not be called at a time.
  Result<void> settle_found(const SpoolEntry& entry) {
    const std::string& token = entry.after.writer;
    note_recorded(entry);
    if (!entry.attempt) return {};
    const SpoolEntry* const anew = same_transition_instead_of(entry);
    const OwedCallback* const going_on =
        anew != nullptr ? find_call(final_state_.owed, anew->after.writer) : nullptr;
    const bool called = anew != nullptr && going_on == nullptr;
    return change_calls([&](ModeState& state) {
      if (called) return remove_call(state.owed, token);
      OwedCallback* const call = find_call(state.owed, token);
      if (call == nullptr || call->claim != token) return;
      if (going_on == nullptr) return call->give_back();
      Transition transition = std::move(call->transition);
      *call = *going_on;
      call->transition = std::move(transition);
    });
  }

  // The decision that was made instead of the attempt, if it entered the same mode; null: there is
  // none.
  const SpoolEntry* same_transition_instead_of(const SpoolEntry& attempt) const {
    const auto anew = std::find_if(entries_.begin(), entries_.end(), [&](const SpoolEntry& each) {
      return each.instead_of == attempt.after.writer;
    });
    return anew != entries_.end() && are_same_transition(attempt, *anew) ? &*anew : nullptr;
  }

  // The attempt in whose place `entry` was decided, if it took effect; null: there is none.
  const SpoolEntry* effective_attempt_for(const SpoolEntry& entry) const {
    if (entry.instead_of.empty() || entry.instead_of != effective_attempt_) return nullptr;
    const auto attempt = std::find_if(
        entries_.begin(), entries_.end(),
        [&](const SpoolEntry& each) { return each.after.writer == effective_attempt_; });
    return attempt == entries_.end() ? nullptr : &*attempt;
  }

  // The history has `entry` beside the attempt, of which the decision is.
  Result<void> settle_beside(const SpoolEntry& entry, const SpoolEntry& stands) {
    if (entry.after.mode == stands.after.mode) {
      count(entry);
    } else {
      ++report_.overtaken;
    }
    return keep_owing(entry);
  }

  // All later entries are overtaken as well.
  Result<void> settle_overtaken(const SpoolEntry& entry) {
    overtaken_ = true;
    if (entry.transition && entry.transition->changes_mode()) ++report_.overtaken;
    if (is_order(entry)) ++report_.pins_lost;
    return keep_owing(entry);
  }

  // A call that the entry owes, and that nobody has made, is still owed.
  Result<void> keep_owing(const SpoolEntry& entry) {
    if (!entry.transition) return {};
    const OwedCallback* call = find_call(final_state_.owed, entry.after.writer);
    if (call == nullptr) return {};
    OwedCallback owed = *call;
    // The epoch belongs to a decision of others by now, and the receiver of a call identifies it by
    // the epoch.
    owed.transition.epoch.reset();
    return change_calls([&](ModeState& state) { owe_unless_over(owed, state); });
  }

  template <class Change>
  Result<void> change_calls(const Change& change) {
    for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
      const auto now = store_.read();
      if (!now) return fail(now.error());
      ModeState next = now->state;
      change(next);
      if (next == now->state) return {};
      stamp(next);
      const auto won = store_.write(*now, next, std::nullopt, report_.warnings);
      if (!won) return fail(won.error());
      if (*won != Commit::done) continue;
      return {};
    }
    return fail(ErrorCode::conflict, "the mode kept changing while the spool was drained",
                std::string(kModeStateKey));
  }

  Result<Commit> write_at_free_place(const ModeStore::Snapshot& now, const SpoolEntry& entry,
                                     const Batch& vote) {
    SpoolEntry moved = entry;
    moved.after = rebased(entry, now.state, shared_.value_or(here_.now));
    set_pin_right(entry, moved.after);
    if (moved.transition) {
      const auto free = free_place(next_place(now.state, entry.transition->timestamp));
      if (!free) return fail(free.error());
      moved.transition->timestamp = moved.after.recorded_at = *free;
      if (moved.transition->epoch) moved.transition->epoch = moved.after.epoch;
      if (entry.after.since != entry.before.since) moved.after.since = *free;
    }
    auto won = store_.write(now, moved.after, moved.transition, report_.warnings, vote);
    if (won && *won == Commit::done && moved.transition) {
      last_place_ = moved.transition->timestamp;
    }
    return won;
  }

  // Only the version and the counts of transitions, which have been reported, change in the state:
  // thus a late write fails if another drain has meanwhile written the same decision as one that
  // holds, and the other way round. If the place is taken by now, an earlier try may have arrived
  // late.
  Result<Commit> append_to_history(const ModeStore::Snapshot& now, const SpoolEntry& entry) {
    if (!entry.transition) return Commit::done;
    Transition record = *entry.transition;
    record.trigger = trigger::kOffline;
    record.epoch.reset();
    record.writer = entry.after.writer;
    const auto free = free_place(record.timestamp);
    if (!free) return fail(free.error());
    record.timestamp = *free;
    ModeState next = now.state;
    stamp(next);
    if (record.changes_mode()) ++next.entered[static_cast<std::size_t>(record.to)];
    auto done = store_.write_offline(now, next, record);
    if (done && *done == Commit::done) last_place_ = record.timestamp;
    return done;
  }

  // The records keep the order of the spool.
  Result<TimePoint> free_place(TimePoint time) const {
    if (last_place_) time = std::max(time, *last_place_ + Micros{1});
    return store_.free_place(time);
  }

  ModeStore& store_;
  const std::vector<SpoolEntry>& entries_;
  const HostTime here_;
  const std::optional<TimePoint> shared_;
  const VoteOptions votes_;
  DrainReport& report_;
  ModeState final_state_;                ///< After the last entry.
  std::string effective_attempt_;        ///< The attempt that took effect, if there is one.
  std::string replaced_;                 ///< The decision that replaced it.
  bool overtaken_ = false;               ///< Whether an entry was overtaken.
  std::optional<TimePoint> last_place_;  ///< Of the record that was written last.
};

}  // namespace

// The lock of the spool is not held while the store is asked: whoever decides in an outage needs
// the spool at once.
Result<DrainReport> drain_spool(Spool& spool, ModeStore& store, AskHistory ask, const HostTime& now,
                                const RestoredHook& on_restored, const VoteOptions& votes) {
  DrainReport report;
  // Read before the store is: otherwise a state that another process writes in between would look
  // like one that the store has lost.
  const auto view = spool.peek_known();
  const std::optional<ModeState> known = view ? view->known : std::nullopt;
  // If the store is away, the lock of the drain is not needed.
  if (const auto there = store.read(); !there && is_outage(there.error())) {
    return fail(there.error());
  }
  const auto turn = spool.lock_drain();
  report.busy = !turn && turn.error().code == ErrorCode::timeout;
  if (report.busy) return report;
  std::vector<SpoolEntry> entries;
  {
    const auto session = spool.open();
    if (!turn || !session) {
      const Error& error = !turn ? turn.error() : session.error();
      report.warnings.push_back("the decisions of an outage cannot be read: " + to_string(error));
      return report;
    }
    entries = session->entries();
    report.damage = session->damage();
  }
  const auto shared = store.storage().server_time();
  Drain drain(store, entries, now, shared ? *shared : std::nullopt, votes, report);
  const auto restored = restore_if_lost(store, known, ask, now.now, report.warnings, on_restored);
  if (!restored) return fail(restored.error());
  report.store_lost = restored->store_lost;
  report.begun_anew = restored->begun_anew;
  report.overruled = restored->overruled;

  std::size_t settled = 0;
  Result<void> done;
  while (settled < entries.size() && (done = drain.settle(entries[settled]))) ++settled;
  const auto state = store.read();
  // An entry that is done but stays in the spool is found in the store by its token the next time.
  if (!state) return fail(done ? state.error() : done.error());
  auto session = spool.open();
  Result<void> dropped = session ? Result<void>() : fail(session.error());
  if (session && !entries.empty())
    dropped = session->drop_front(std::span(entries).first(settled), state->state, now);
  if (!dropped) report.warnings.push_back(to_string(dropped.error()));
  if (!done) return fail(std::move(done).error());
  return report;
}

}  // namespace rz::fallback
