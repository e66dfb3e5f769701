#include "rz/fallback/mode_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/invariant.h"
#include "rz/base/random_token.h"

namespace rz::fallback {
namespace {

// The second check of what ModeKeeper::decide_at and the drain have made sure of. A write without
// a token cannot be found again, and one with an old version looks like a loss of memory.
void check_state(const ModeState& before, const ModeState& next) {
  require_invariant(!next.writer.empty(), "each write of the mode has a token");
  require_invariant(next.version > before.version, "each write of the mode has a later version");
  require_invariant(next.epoch >= before.epoch, "no epoch comes twice");
}

// A record whose place or epoch differs from its state's contradicts the state.
void check_record(const ModeState& next, const Transition& transition) {
  require_invariant(transition.timestamp == next.recorded_at,
                    "the state names the place of its record");
  require_invariant(!transition.epoch || *transition.epoch == next.epoch,
                    "a record has the epoch of its state");
}

}  // namespace

Result<ModeStore::Snapshot> ModeStore::read() const {
  auto bytes = storage_.get(kModeStateKey);
  if (!bytes) return fail(std::move(bytes).error());
  // A replica may be behind, or empty.
  if (auto why = storage_.read_only()) return fail(*std::move(why));
  if (!*bytes) return Snapshot{};
  auto state = decode_mode_state(**bytes);
  if (!state) return fail(std::move(state).error());
  return Snapshot{std::move(*state), std::move(*bytes)};
}

SharedTime ModeStore::shared_time(TimePoint now) const {
  const auto shared = storage_.server_time();
  if (!shared || !*shared) return {now};
  if (!clocks_differ(now, **shared)) return {now};
  const Micros ahead = now - **shared;
  return {**shared,
          "the clock of this host is " + humanize_duration(ahead > Micros{0} ? ahead : -ahead) +
              (ahead > Micros{0} ? " ahead of" : " behind") + " the store's; the store's counts"};
}

Result<std::optional<ModeState>> ModeStore::last_of_history() const {
  LogRange newest;
  newest.newest_first = true;
  newest.limit = 100;
  const auto records = storage_.read_log(kTransitionLog, newest);
  if (!records) return fail(records.error());
  for (const LogRecord& each : *records) {
    const auto record = decode_transition(each.value);
    if (!record) continue;
    if (record->trigger == trigger::kForgotten) break;
    if (!record->epoch || !record->changes_mode()) continue;
    ModeState state;
    state.mode = record->to;
    state.epoch = *record->epoch;
    state.since = state.recorded_at = record->timestamp;
    state.reason = record->reason;
    state.detail = record->detail;
    state.decision = record->writer;
    return std::optional<ModeState>(std::move(state));
  }
  return std::optional<ModeState>{};
}

Result<void> ModeStore::begin_if_new() {
  const auto there = read_raw();
  if (!there) return fail(there.error());
  if (there->bytes) return {};
  const auto last = last_of_history();
  if (!last) return fail(last.error());
  if (*last) return {};
  ModeState blank;
  stamp(blank);
  blank.lineage = random_token();
  std::vector<std::string> warnings;
  // If it is refused, somebody else has just written the mode.
  const auto won = write(*there, blank, std::nullopt, warnings);
  if (!won) return fail(won.error());
  return {};
}

Result<ModeStore::Snapshot> ModeStore::read_raw() const {
  auto bytes = storage_.get(kModeStateKey);
  if (!bytes) return fail(std::move(bytes).error());
  Snapshot snapshot;
  if (*bytes) {
    if (auto state = decode_mode_state(**bytes)) snapshot.state = std::move(*state);
  }
  snapshot.bytes = std::move(*bytes);
  return snapshot;
}

Result<Commit> ModeStore::write_beside(const Snapshot& before, const Batch& beside) {
  Batch batch = beside;
  batch.expect(std::string(kModeStateKey), before.bytes);
  return storage_.commit(batch);
}

// Every write of the mode begins with this.
Result<Batch> ModeStore::batch_of(const Snapshot& before, const ModeState& next) {
  check_state(before.state, next);
  Batch batch;
  batch.expect(std::string(kModeStateKey), before.bytes);
  if (!before.bytes) {
    // A new store has no records without an index, unless the old system wrote some.
    const auto wanted = log_.index().prepare_mark();
    if (!wanted) return fail(wanted.error());
    if (*wanted) HistoryIndex::add_mark(batch);
  }
  batch.set(std::string(kModeStateKey), encode(next));
  return batch;
}

Result<Commit> ModeStore::write_offline(const Snapshot& before, const ModeState& next,
                                        const Transition& record) {
  auto batch = batch_of(before, next);
  if (!batch) return fail(std::move(batch).error());
  log_.append(*batch, record);
  batch->replicated = true;
  return storage_.commit(*batch);
}

Result<Commit> ModeStore::write(const Snapshot& before, const ModeState& next,
                                const std::optional<Transition>& transition,
                                std::vector<std::string>& warnings, const Batch& beside) {
  auto batch = batch_of(before, next);
  if (!batch) return fail(std::move(batch).error());
  batch->expectations.insert(batch->expectations.end(), beside.expectations.begin(),
                             beside.expectations.end());
  batch->writes.insert(batch->writes.end(), beside.writes.begin(), beside.writes.end());
  if (transition) {
    check_record(next, *transition);
    Transition record = *transition;
    record.writer = next.writer;
    log_.append(*batch, record);
  }
  batch->replicated = transition.has_value();

  // The same commit cannot take effect twice: after the first time the state is no longer the
  // expected one.
  constexpr int kTries = 2;
  Result<Commit> won;
  for (int i = 0; i < kTries; ++i) {
    won = storage_.commit(*batch);
    // The store refused the command itself, so that nothing was written.
    const bool surely_not = !won && (won.error().code == ErrorCode::auth ||
                                     won.error().code == ErrorCode::unsupported ||
                                     won.error().code == ErrorCode::invalid_argument);
    if (surely_not || (won && *won == Commit::done)) return won;
    const auto found = find_write(next.writer, transition);
    if (!found) return won;
    if (*found != Trace::none) {
      // A replica may not have it yet, and would not know it after a failover.
      if (auto confirmed = confirm(); !confirmed) {
        warnings.push_back(to_string(confirmed.error()));
      }
      return Commit::done;
    }
    if (won) return won;
  }
  // A store that can be read but not written (a full disk, a replica) counts as away.
  return won;
}

// An answer that is lost or garbled does not mean that the write was: the token tells.
Result<ModeStore::Trace> ModeStore::find_write(const std::string& token,
                                               const std::optional<Transition>& transition) const {
  const auto after = read();
  if (!after) return fail(after.error());
  if (after->state.writer == token || after->state.decision == token) return Trace::decided;
  if (!transition) return Trace::none;
  // Another process may have changed the state since; our record is still in the log. Like all that
  // rz writes it has an index entry.
  LogRange places;
  places.since = transition->timestamp;
  for (;;) {
    const auto records = storage_.read_log(kTransitionLog, places);
    if (!records) return fail(records.error());
    for (const LogRecord& each : *records) {
      const auto record = decode_transition(each.value);
      if (!record || record->writer != token) continue;
      return record->trigger == trigger::kOffline ? Trace::history_alone : Trace::decided;
    }
    if (records->size() < places.limit) return Trace::none;
    places.since = records->back().time + Micros{1};
  }
}

// A record of another host may have exactly this time. The keys are read, not the index, because a
// record of the old system has no index entry.
Result<TimePoint> ModeStore::free_place(TimePoint time) const {
  constexpr int kKeysAtOnce = 50;
  for (int first = 0; first < kTransitionPlaces; first += kKeysAtOnce) {
    std::vector<std::string> keys;
    for (int i = 0; i < kKeysAtOnce; ++i) {
      keys.push_back(log_key(kTransitionLog, time + Micros{first + i}));
    }
    const auto taken = storage_.get_many(keys);
    if (!taken) return fail(taken.error());
    for (int i = 0; i < kKeysAtOnce; ++i) {
      if (!(*taken)[static_cast<std::size_t>(i)]) return time + Micros{first + i};
    }
  }
  return fail(ErrorCode::conflict, "no free place in the history near its time",
              log_key(kTransitionLog, time));
}

// Writes the state again, unchanged: replicas that confirm this write have all earlier ones, too.
Result<void> ModeStore::confirm() {
  for (int round = 0; round < kMaxRaces; ++round) {
    const auto now = read();
    if (!now) return fail(now.error());
    if (!now->bytes) {
      return fail(ErrorCode::unavailable,
                  "the mode was written, and has gone from the store since; whether replicas have "
                  "it is not known",
                  std::string(kModeStateKey));
    }
    const std::string key(kModeStateKey);
    Batch batch;
    batch.expect(key, *now->bytes).set(key, *now->bytes);
    batch.replicated = true;
    const auto done = storage_.commit(batch);
    if (!done) return fail(done.error());
    if (*done == Commit::done) return {};
  }
  return fail(ErrorCode::conflict, "the mode kept changing; whether replicas have it is not known",
              std::string(kModeStateKey));
}

}  // namespace rz::fallback
