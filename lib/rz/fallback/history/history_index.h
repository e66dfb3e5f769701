#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/unindexed_records.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// Asked after each step of long work, with how much is done: whether to go on. Work that was
/// stopped leaves nothing half-done and may be repeated.
using GoOn = std::function<bool(std::size_t done)>;

/// Knows whether every record of the history has its index entry, and adds the entries that are
/// missing. Does not own the storage; as thread-safe as it.
///
/// The old system wrote records, at the same keys, without an index. They are found by a scan of
/// the keys and merged in order of time. The scan is needed only until a mark says that every
/// record is indexed: the first transition of a new store makes it, and so does reindex(). The mark
/// is itself a record of the log, at a time that no transition has: in a store whose index is a
/// thing of its own, as in Redis, it cannot outlive the index (deleted, evicted) that it speaks of.
class HistoryIndex {
 public:
  /// The place of the mark, 9999-12-31T23:59:59.999999Z. What is from there on is not a transition.
  static constexpr TimePoint kMarkPlace{Micros{253'402'300'799'999'999}};
  /// The mark of an earlier rz, a key of its own. It is believed once nothing without an index was
  /// found, and then replaced.
  static constexpr std::string_view kOldMarkKey = "rz:log-complete:fallback:transition";

  /// `retention`: of a record that is given its entry, from then on.
  HistoryIndex(Storage& storage, Millis retention) : storage_(storage), retention_(retention) {}

  /// Whether every record is indexed: the history is marked, or it has the mark of an earlier rz
  /// and a scan finds no record without an index. Writes nothing.
  Result<bool> is_complete() const;

  /// Whether records without an index are there. A scan, unless the history is marked. Writes
  /// nothing.
  Result<bool> has_unindexed() const;

  /// As is_complete(). If only the mark of an earlier rz says so, it is replaced by a mark of now,
  /// so that nobody scans again; a store that cannot be written to stays as it is.
  Result<bool> renew_mark();

  /// Marks the history, unless records without an index are there. Returns whether it is marked.
  Result<bool> ensure_mark();

  /// Makes the history ready for add_mark(): removes the key of a mark whose index entry was lost.
  /// Returns whether the mark is to be added: it is not there yet, and no record is without an
  /// index.
  Result<bool> prepare_mark();

  /// Marks the history in a batch, for which prepare_mark() must have said yes just before.
  static void add_mark(Batch& batch);

  /// Gives every record an index entry and marks the history. Looks for them whatever the mark
  /// says: an old system that still runs may have written since. A record keeps its content; its
  /// retention begins anew, and it moves by whole microseconds where its place is taken. May be run
  /// again after any interruption. Returns how many. `dry`: nothing is written, and the answer is
  /// how many there are.
  Result<std::size_t> reindex(const GoOn& go_on = {}, bool dry = false);

  /// Searches for records without an index unless the history is marked, and marks it if there are
  /// none, so that nobody has to search again. `dry`: without the mark.
  /// Errors: conflict if there are some.
  Result<void> require_complete(bool dry = false);

 private:
  Result<bool> is_marked() const;
  Result<bool> old_mark_is_right() const;
  Result<bool> is_without_unindexed() const;
  Result<bool> finds_unindexed() const;
  Result<void> mark_now();
  Result<void> index_page(std::span<const UnindexedRecords::Record> page);
  Result<void> index_one(const UnindexedRecords::Record& record);

  Storage& storage_;
  Millis retention_;
};

}  // namespace rz::fallback
