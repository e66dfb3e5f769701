#include "rz/fallback/history/history_index.h"

#include <set>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/fallback/history/transition.h"

namespace rz::fallback {

Result<bool> HistoryIndex::is_marked() const {
  TRY_ASSIGN(const auto found,
             storage_.read_log(kTransitionLog, {.since = kMarkPlace, .limit = 1}));
  return !found.empty();
}

Result<bool> HistoryIndex::finds_unindexed() const {
  UnindexedRecords unindexed(storage_, kTransitionLog, {.until = kMarkPlace});
  TRY_ASSIGN(const auto found, unindexed.peek());
  return !found.empty();
}

// The old mark may have outlived the index, so records without an entry are searched for.
Result<bool> HistoryIndex::old_mark_is_right() const {
  TRY_ASSIGN(const auto old_mark, storage_.exists(kOldMarkKey));
  if (!old_mark) return false;
  TRY_ASSIGN(const auto unindexed, finds_unindexed());
  return !unindexed;
}

Result<bool> HistoryIndex::is_complete() const {
  TRY_ASSIGN(const auto marked, is_marked());
  if (marked) return true;
  return old_mark_is_right();
}

Result<bool> HistoryIndex::has_unindexed() const {
  TRY_ASSIGN(const auto marked, is_marked());
  if (marked) return false;
  return finds_unindexed();
}

Result<bool> HistoryIndex::is_without_unindexed() const {
  TRY_ASSIGN(const auto unindexed, has_unindexed());
  return !unindexed;
}

Result<bool> HistoryIndex::renew_mark() {
  TRY_ASSIGN(const auto marked, is_marked());
  if (marked) return true;
  TRY_ASSIGN(const auto right, old_mark_is_right());
  // With read-only access the mark cannot be written; the search is repeated next time.
  if (right) static_cast<void>(mark_now().has_value());
  return right;
}

void HistoryIndex::add_mark(Batch& batch) {
  batch.append(std::string(kTransitionLog), kMarkPlace, R"({"rz":"every record is indexed"})");
}

Result<void> HistoryIndex::mark_now() {
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    Batch batch;
    add_mark(batch);
    TRY(storage_.commit(batch));
    TRY_ASSIGN(const auto marked, is_marked());
    if (marked) return {};
    // The record of a mark whose index was lost.
    TRY(storage_.remove(log_key(kTransitionLog, kMarkPlace)));
  }
  return fail(ErrorCode::conflict, "the index of the history keeps being removed",
              std::string(kTransitionLog));
}

Result<bool> HistoryIndex::prepare_mark() {
  TRY_ASSIGN(const auto marked, is_marked());
  if (marked) return false;
  TRY_ASSIGN(const auto unindexed, finds_unindexed());
  if (unindexed) return false;
  const std::string mark_key = log_key(kTransitionLog, kMarkPlace);
  TRY_ASSIGN(const auto stale, storage_.exists(mark_key));
  if (stale) TRY(storage_.remove(mark_key));
  return true;
}

Result<bool> HistoryIndex::ensure_mark() {
  TRY_ASSIGN(const auto missing, prepare_mark());
  if (!missing) return is_marked();
  TRY(mark_now());
  return true;
}

// One commit removes the old key and writes the indexed record: a crash between two would lose or
// double it.
Result<void> HistoryIndex::index_one(const UnindexedRecords::Record& record) {
  for (TimePoint time = record.time; time < record.time + Micros{kTransitionPlaces};
       time += Micros{1}) {
    if (log_key(kTransitionLog, time) == record.key) continue;
    Batch batch;
    batch.expect(record.key, record.value);
    batch.remove(record.key);
    batch.append(std::string(kTransitionLog), time, record.value, retention_);
    TRY_ASSIGN(const auto done, storage_.commit(batch));
    if (done == Commit::done) return {};
    if (done == Commit::place_taken) continue;
    TRY_ASSIGN(const auto still_there, storage_.exists(record.key));
    // It has expired, or another reindex was first.
    if (!still_there) return {};
    return fail(ErrorCode::conflict, "the record was changed while it was moved; try again",
                printable(record.key));
  }
  return fail(ErrorCode::conflict, "no free place near its time", printable(record.key));
}

// In one commit, which nearly always succeeds; one by one if somebody else writes meanwhile.
Result<void> HistoryIndex::index_page(std::span<const UnindexedRecords::Record> page) {
  Batch batch;
  std::set<TimePoint> places;
  for (const UnindexedRecords::Record& record : page) {
    TimePoint place = record.time;
    while (log_key(kTransitionLog, place) == record.key || places.contains(place))
      place += Micros{1};
    places.insert(place);
    batch.expect(record.key, record.value);
    batch.remove(record.key);
    batch.append(std::string(kTransitionLog), place, record.value, retention_);
  }
  TRY_ASSIGN(const auto done, storage_.commit(batch));
  if (done == Commit::done) return {};
  for (const UnindexedRecords::Record& record : page) {
    if (auto indexed = index_one(record); !indexed) return indexed;
  }
  return {};
}

Result<std::size_t> HistoryIndex::reindex(const GoOn& go_on, bool dry) {
  std::size_t indexed = 0;
  bool stopped = false;
  const auto ask = [&] { return !(stopped = go_on && !go_on(indexed)); };
  UnindexedRecords unindexed(storage_, kTransitionLog, {.until = kMarkPlace, .go_on = ask});
  for (;;) {
    TRY_ASSIGN(const auto page, unindexed.peek());
    if (stopped) return indexed;
    if (page.empty()) break;
    if (!dry) TRY(index_page(page));
    indexed += page.size();
    unindexed.take(page.size());
    if (!ask()) return indexed;
  }
  if (!dry) TRY(mark_now());
  return indexed;
}

Result<void> HistoryIndex::require_complete(bool dry) {
  TRY_ASSIGN(const auto whole, dry ? is_without_unindexed() : ensure_mark());
  if (whole) return {};
  return fail(ErrorCode::conflict,
              "the history has records of an older system without an index; run 'rz transitions "
              "reindex' first",
              std::string(kTransitionLog));
}

}  // namespace rz::fallback
