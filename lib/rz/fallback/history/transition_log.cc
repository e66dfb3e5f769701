#include "rz/fallback/history/transition_log.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"
#include "rz/fallback/history/indexed_records.h"
#include "rz/fallback/history/record_places.h"

namespace rz::fallback {
namespace {

bool contains_ignore_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

}  // namespace

bool TransitionQuery::matches(const TransitionView& transition) const {
  return (!changes_only || transition.changes_mode() || transition.legacy()) &&
         (!since || transition.timestamp >= *since) && (!until || transition.timestamp < *until) &&
         (!from || transition.from == *from) && (!to || transition.to == *to) &&
         (reason.empty() || contains_ignore_case(transition.reason, reason));
}

void TransitionLog::append(Batch& batch, const Transition& transition) const {
  batch.append(std::string(kTransitionLog), transition.timestamp, encode(transition), retention_);
}

Result<void> TransitionLog::visit(
    const TransitionQuery& query, const std::function<bool(const Transition&)>& visit,
    const std::function<void(const std::string&, const Error&)>& on_corrupt) {
  return visit_views(
      query, [&](const TransitionView& view) { return visit(view.copy()); }, on_corrupt);
}

Result<void> TransitionLog::visit_views(
    const TransitionQuery& query, const std::function<bool(const TransitionView&)>& visit,
    const std::function<void(const std::string&, const Error&)>& on_corrupt) {
  const auto take = [&](TimePoint, const TransitionView& view) { return visit(view); };
  if (!query.limit || query.newest_first) {
    return walk(query, {query.newest_first, query.limit}, take, on_corrupt);
  }

  // The newest records, oldest first. A few are read from the newest end and reversed.
  if (*query.limit <= kHistoryPage) {
    std::vector<Transition> newest;
    const auto keep = [&](TimePoint, const TransitionView& view) {
      newest.push_back(view.copy());
      return true;
    };
    if (auto walked = walk(query, {true, query.limit}, keep, on_corrupt); !walked) return walked;
    TransitionDecoder decoder;
    for (auto it = newest.rbegin(); it != newest.rend() && visit(decoder.view_of(*it)); ++it) {
    }
    return {};
  }

  // For more, the place of the oldest is found first, and how many at the same place are too old.
  std::size_t left = *query.limit;
  std::optional<TimePoint> oldest;
  std::size_t too_old = 0;
  const auto count = [&](TimePoint place, const TransitionView&) {
    if (left == 0 && place != oldest) return false;
    if (left == 0) {
      ++too_old;
    } else {
      --left;
      oldest = place;
    }
    return true;
  };
  const auto told_later = [](const std::string&, const Error&) {};
  if (auto walked = walk(query, {true}, count, told_later); !walked) return walked;
  const auto skip = [&](TimePoint, const TransitionView& view) {
    if (too_old == 0) return visit(view);
    --too_old;
    return true;
  };
  return walk(query, {false, *query.limit + too_old, oldest}, skip, on_corrupt);
}

Result<void> TransitionLog::walk(
    const TransitionQuery& query, const Walk& how,
    const std::function<bool(TimePoint, const TransitionView&)>& visit,
    const std::function<void(const std::string&, const Error&)>& on_corrupt) {
  TRY_ASSIGN(const auto complete, index_.renew_mark());
  UnindexedRecords unindexed(storage_, kTransitionLog,
                             {.newest_first = how.newest_first, .until = HistoryIndex::kMarkPlace});
  const TimePoint until =
      std::min(query.until.value_or(HistoryIndex::kMarkPlace), HistoryIndex::kMarkPlace);
  LogRange range{query.since, until, kHistoryPage, how.newest_first};
  if (how.from_place)
    range.since = std::max(range.since.value_or(*how.from_place), *how.from_place);
  // A query of ten records must not cost as much as one of a thousand.
  if (how.limit) range.limit = std::clamp<std::size_t>(*how.limit, 10, kHistoryPage);
  const bool many = !how.limit || *how.limit > 2 * kHistoryPage;
  IndexedRecords indexed(storage_, range, many);
  TransitionDecoder decoder;
  std::size_t left = how.limit.value_or(SIZE_MAX);
  while (left > 0) {
    TRY_ASSIGN(const auto record, indexed.peek());
    const UnindexedRecords::Record* other = nullptr;
    if (!complete) {
      TRY_ASSIGN(const auto next, unindexed.peek());
      if (!next.empty()) other = &next.front();
    }
    if (record == nullptr && other == nullptr) break;
    const bool take_other =
        other != nullptr && (record == nullptr || (other->time < record->time) != how.newest_first);
    const TimePoint place = take_other ? other->time : record->time;
    if (!how.from_place || place >= *how.from_place) {
      const auto transition = decoder.decode(take_other ? other->value : record->value);
      if (!transition) {
        on_corrupt(take_other ? other->key : log_key(kTransitionLog, place), transition.error());
      } else if (query.matches(*transition)) {
        --left;
        if (!visit(place, *transition)) break;
      }
    }
    if (take_other) {
      unindexed.take(1);
    } else {
      indexed.take();
    }
  }
  return {};
}

Result<std::vector<Transition>> TransitionLog::list(const TransitionQuery& query) {
  std::vector<Transition> transitions;
  std::optional<Error> corrupt;
  const auto walked = visit(
      query,
      [&](const Transition& transition) {
        transitions.push_back(transition);
        return true;
      },
      [&](const std::string& key, const Error& error) {
        corrupt = Error{error.code, error.message, printable(key)};
      });
  if (!walked) return fail(walked.error());
  if (corrupt) return fail(std::move(*corrupt));
  return transitions;
}

Result<AddReport> TransitionLog::add(std::span<const Transition> records, bool dry) {
  // Each lost race means that another writer took a place between our read and our commit. Or what
  // has it is not in the index, so from then on each place is asked for.
  constexpr int kMaxRaces = 100;
  for (int round = 0; round < kMaxRaces; ++round) {
    TRY_ASSIGN(const auto added, try_to_add(records, round == 0, dry));
    if (added) return *added;
  }
  return fail(ErrorCode::conflict, "the history kept changing under the import; try again",
              std::string(kTransitionLog));
}

// Nothing: a place was taken meanwhile.
Result<std::optional<AddReport>> TransitionLog::try_to_add(std::span<const Transition> records,
                                                           bool near, bool dry) {
  RecordPlaces places(storage_);
  if (near) TRY(places.read_around(records));
  TRY_ASSIGN(auto waiting, places.unknown_of(records));
  std::map<TimePoint, const Transition*> placed;
  for (Micros moved{0}; !waiting.empty(); moved += Micros{1}) {
    if (moved == Micros{kTransitionPlaces}) {
      return fail(ErrorCode::conflict, "no free place near its time",
                  log_key(kTransitionLog, waiting.front()->timestamp));
    }
    TRY_ASSIGN(const auto there, places.at(waiting, moved));
    std::vector<const Transition*> crowded;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      const Transition* record = waiting[i];
      const TimePoint place = record->timestamp + moved;
      const bool stored = there[i].has_value();
      if (!stored && placed.try_emplace(place, record).second) continue;
      // The same record may be in the list twice.
      const bool known = stored ? is_same_record(*there[i], *record)
                                : is_same_record(encode(*placed.at(place)), *record);
      if (!known) crowded.push_back(record);
    }
    waiting = std::move(crowded);
  }
  const AddReport report{placed.size(), records.size() - placed.size()};
  if (placed.empty() || dry) return std::optional(report);
  Batch batch;
  batch.writes.reserve(placed.size());
  for (const auto& [time, record] : placed) {
    if (record->timestamp == time) {
      append(batch, *record);
      continue;
    }
    Transition moved = *record;
    moved.timestamp = time;
    append(batch, moved);
  }
  TRY_ASSIGN(const auto done, storage_.commit(batch));
  return done == Commit::done ? std::optional(report) : std::nullopt;
}

namespace {

/// A record that is to go, as it was read.
struct OldRecord {
  std::string key;
  std::string value;
};

// Returns how many of them this call removed. Where another prune has been at some of them, the
// rest is found by halves, so that each record is counted once, by whoever removed it.
Result<std::size_t> remove_records(Storage& storage, std::span<const OldRecord> records) {
  if (records.empty()) return 0;
  Batch batch;
  for (const OldRecord& record : records) batch.expect(record.key, record.value).remove(record.key);
  TRY_ASSIGN(const auto removed, storage.commit(batch));
  if (removed == Commit::done) return records.size();
  if (records.size() == 1) return 0;
  const std::size_t half = records.size() / 2;
  const auto first = remove_records(storage, records.first(half));
  if (!first) return first;
  const auto second = remove_records(storage, records.subspan(half));
  if (!second) return second;
  return *first + *second;
}

}  // namespace

Result<std::size_t> TransitionLog::prune(TimePoint time, const GoOn& go_on, bool dry) {
  std::size_t removed = 0;
  const auto remove = [&](const std::vector<OldRecord>& records) -> Result<void> {
    if (dry) {
      removed += records.size();
      return {};
    }
    TRY_ASSIGN(const auto done, remove_records(storage_, records));
    removed += done;
    return {};
  };
  LogRange old;
  old.until = std::min(time, HistoryIndex::kMarkPlace);
  old.limit = kHistoryPage;
  for (;;) {
    TRY_ASSIGN(const auto page, storage_.read_log(kTransitionLog, old));
    if (page.empty()) break;
    std::vector<OldRecord> records;
    for (const LogRecord& record : page) {
      records.push_back({log_key(kTransitionLog, record.time), record.value});
    }
    // Removes the entries of records that are gone, so that the next walk does not skip them again.
    old.since = page.back().time + Micros{1};
    TRY(remove(records));
    if (go_on && !go_on(removed)) return removed;
  }
  TRY_ASSIGN(bool stopped, dry ? index_.is_complete() : index_.renew_mark());
  const auto ask = [&] { return !(stopped = go_on && !go_on(removed)); };
  UnindexedRecords unindexed(storage_, kTransitionLog,
                             {.until = HistoryIndex::kMarkPlace, .go_on = ask});
  while (!stopped) {
    TRY_ASSIGN(const auto page, unindexed.peek());
    std::vector<OldRecord> records;
    for (const UnindexedRecords::Record& record : page) {
      if (record.time < time) records.push_back({record.key, record.value});
    }
    if (records.empty()) break;
    TRY(remove(records));
    unindexed.take(page.size());
    ask();
  }
  return removed;
}

}  // namespace rz::fallback
