#include "rz/fallback/spool_replay.h"

#include <algorithm>
#include <optional>

namespace rz {
namespace {

// One entry at a time; what it becomes is counted in the report.
class Replay {
 public:
  Replay(const ModeStore& store, ReplayReport& report) : store_(store), report_(report) {}

  Result<void> settle(const SpoolEntry& entry) {
    const bool pin_changed = entry.after.pin != entry.before.pin;
    // A good evaluation more counts for nothing once the store is back.
    if (!entry.transition && !pin_changed) return {};
    for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
      const auto there = store_.find_write(entry.after.writer, entry.transition);
      if (!there) return fail(there.error());
      if (*there == ModeStore::Trace::decided) return recorded(entry);
      if (*there == ModeStore::Trace::history_alone) return overtaken(entry);
      const auto now = store_.read();
      if (!now) return fail(now.error());
      // A pin leaves no record. Where all that it changed is there, it was written, by an earlier
      // replay or by somebody else.
      if (!entry.transition && !cut_off_ && same(now->state, entry.after)) return recorded(entry);
      cut_off_ = cut_off_ || !same_base(now->state, entry.before);
      const auto won = cut_off_ ? append_to_history(entry) : write_at_free_place(*now, entry);
      if (!won) return fail(won.error());
      if (!*won) continue;
      return cut_off_ ? overtaken(entry) : recorded(entry);
    }
    return fail(ErrorCode::conflict, "the mode kept changing under the replay of the spool",
                std::string(kModeStateKey));
  }

 private:
  // A count of good evaluations is no decision.
  static bool same(const ModeState& a, const ModeState& b) {
    return a.mode == b.mode && a.epoch == b.epoch && a.since == b.since && a.pin == b.pin;
  }

  // Whether nobody has decided anything since. The entry before this one may have been written at a
  // later time than it has in the spool.
  bool same_base(const ModeState& now, const ModeState& before) const {
    return same(now, before) || (!last_token_.empty() && now.writer == last_token_);
  }

  Result<void> recorded(const SpoolEntry& entry) {
    last_token_ = entry.after.writer;
    if (entry.transition) ++report_.recorded;
    return {};
  }

  // What follows from it is overtaken as well.
  Result<void> overtaken(const SpoolEntry& entry) {
    cut_off_ = true;
    ++(entry.transition ? report_.overtaken : report_.pins_lost);
    return {};
  }

  Result<bool> write_at_free_place(const ModeStore::Snapshot& now, const SpoolEntry& entry) {
    SpoolEntry moved = entry;
    if (moved.transition) {
      const auto free = free_place(entry.transition->timestamp);
      if (!free) return fail(free.error());
      moved.transition->timestamp = moved.after.since = *free;
    }
    auto won = store_.write(now, moved.after, moved.transition, report_.warnings);
    if (won && *won && moved.transition) last_place_ = moved.transition->timestamp;
    return won;
  }

  // The state is not touched, and not expected to be anything. False: the place was taken
  // meanwhile, maybe by an earlier try that came late.
  Result<bool> append_to_history(const SpoolEntry& entry) {
    if (!entry.transition) return true;
    Transition record = *entry.transition;
    record.trigger = kOfflineTrigger;
    record.epoch.reset();
    record.writer = entry.after.writer;
    const auto free = free_place(record.timestamp);
    if (!free) return fail(free.error());
    record.timestamp = *free;
    Batch batch;
    store_.log().append(batch, record);
    batch.replicated = true;
    const auto done = store_.storage().commit(batch);
    if (!done) return fail(done.error());
    if (*done == Commit::done) last_place_ = record.timestamp;
    return *done == Commit::done;
  }

  // A record of another host may have exactly this time; and the order of the spool is kept.
  Result<TimePoint> free_place(TimePoint time) const {
    const TimePoint end = time + Micros{TransitionLog::kPlaces};
    if (last_place_) time = std::max(time, *last_place_ + Micros{1});
    for (; time < end; time += Micros{1}) {
      const auto taken = store_.storage().exists(log_key(TransitionLog::kLogName, time));
      if (!taken) return fail(taken.error());
      if (!*taken) return time;
    }
    return fail(ErrorCode::conflict, "no free place in the history near its time",
                log_key(TransitionLog::kLogName, time));
  }

  const ModeStore& store_;
  ReplayReport& report_;
  std::string last_token_;               ///< Of the entry that was written last.
  bool cut_off_ = false;                 ///< Whether an entry was overtaken.
  std::optional<TimePoint> last_place_;  ///< Of the record that was written last.
};

std::string count(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

// Those who decide in an outage need the spool; they do not wait while this asks a store.
Result<ReplayReport> replay_spool(Spool& spool, const ModeStore& store, TimePoint now) {
  ReplayReport report;
  // Whoever sees that the store is away need not take turns for it.
  if (const auto there = store.read(); !there && is_outage(there.error())) {
    return fail(there.error());
  }
  const auto turn = spool.take_turn();
  report.taken = !turn && turn.error().code == ErrorCode::timeout;
  if (report.taken) return report;
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
  Replay replay(store, report);
  std::size_t settled = 0;
  Result<void> done;
  while (settled < entries.size() && (done = replay.settle(entries[settled]))) ++settled;
  const auto state = store.read();
  // Others only append, so that these are still the first. What stays although it is settled is
  // found in the store by its token the next time.
  auto session = spool.open();
  Result<void> dropped = session ? Result<void>() : fail(session.error());
  if (session && !entries.empty()) {
    dropped = session->drop_front(settled, state ? state->state : entries.back().after, now);
  }
  if (!dropped) report.warnings.push_back(to_string(dropped.error()));
  if (!done) return fail(std::move(done).error());
  return report;
}

std::vector<std::string> ReplayReport::sentences() const {
  std::vector<std::string> all = warnings;
  if (taken) all.push_back("another rz is bringing the decisions of an outage to the store");
  if (recorded > 0) {
    all.push_back("the store is back: " + count(recorded, "transition") + " decided without it " +
                  (recorded == 1 ? "is" : "are") + " now recorded");
  }
  if (overtaken > 0) {
    all.push_back("the store is back: " + count(overtaken, "transition") + " of this host alone " +
                  (overtaken == 1 ? "was" : "were") + " overtaken by others; the history has " +
                  (overtaken == 1 ? "it" : "them") + " as offline");
  }
  if (pins_lost > 0) {
    all.push_back(
        "a pin that was changed while the store was away does not hold: others decided "
        "meanwhile");
  }
  if (damage.lines > 0) all.push_back(damage.sentence());
  return all;
}

}  // namespace rz
