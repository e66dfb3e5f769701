#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/unindexed_records.h"
#include "rz/storage/storage.h"

namespace rz {

/// Which transitions, and in which order.
struct TransitionQuery {
  std::optional<TimePoint> since = std::nullopt;  ///< Inclusive.
  std::optional<TimePoint> until = std::nullopt;  ///< Exclusive.
  std::optional<Mode> from = std::nullopt;
  std::optional<Mode> to = std::nullopt;
  std::string reason{};  ///< Part of the reason, in any case; empty: any.
  std::optional<std::size_t> limit = std::nullopt;  ///< The newest so many of those that match.
  bool newest_first = false;
  bool changes_only = false;  ///< Not what was done with pins.

  bool matches(const Transition& transition) const;
};

/// What add() did with records.
struct AddReport {
  std::size_t added = 0;
  std::size_t known = 0;  ///< They were there already.
};

/// Asked after each step of long work, with how much is done: whether to go on. Work that was
/// stopped leaves nothing half-done and may be repeated.
using GoOn = std::function<bool(std::size_t done)>;

/// The history of mode transitions, in Storage's log `fallback:transition`. Does not own the
/// storage. As thread-safe as the storage is.
///
/// The old system wrote records, at the same keys, without an index. They are found by a scan of
/// the keys and merged in order of time. The scan is needed only until a mark says that every
/// record is indexed: the first transition of a new store makes it, and so does reindex(). The mark
/// is itself a record of the log, at a time that no transition has: in a store whose index is a
/// thing of its own, as in Redis, it cannot outlive the index (deleted, evicted) that it speaks of.
class TransitionLog {
 public:
  static constexpr std::string_view kLogName = "fallback:transition";
  /// So many microseconds behind its time a record may be, where others have its place.
  static constexpr int kPlaces = 1000;
  /// The place of the mark, 9999-12-31T23:59:59.999999Z. What is from there on is not a transition.
  static constexpr TimePoint kMarkPlace{Micros{253'402'300'799'999'999}};
  /// The mark of an earlier rz, a key of its own. It is believed once nothing without an index was
  /// found, and then replaced.
  static constexpr std::string_view kOldMarkKey = "rz:log-complete:fallback:transition";

  /// `retention`: a record's life from when it is written.
  TransitionLog(Storage& storage, Millis retention) : storage_(storage), retention_(retention) {}

  /// Adds the record to a batch.
  void append(Batch& batch, const Transition& transition) const;

  /// Calls `visit` with each match, in order, until it returns false. Memory is bounded: by a page,
  /// and by some keys of unindexed records. More than a page of the newest, oldest first, are
  /// walked twice. A record that cannot be read is passed to `on_corrupt` with its key and skipped.
  Result<void> visit(
      const TransitionQuery& query, const std::function<bool(const Transition&)>& visit,
      const std::function<void(const std::string& key, const Error&)>& on_corrupt) const;

  /// As visit, collected; corrupt records become an error.
  Result<std::vector<Transition>> list(const TransitionQuery& query) const;

  /// Whether records without an index are there. A scan, unless the history is marked.
  Result<bool> has_unindexed() const;

  /// Whether the history is marked: every record is indexed.
  Result<bool> is_complete() const;

  /// Whether the history is to be marked: it is not yet, and no record is without an index.
  Result<bool> wants_mark() const;

  /// Marks the history in a batch, for which wants_mark() must have said yes just before.
  void mark(Batch& batch) const;

  /// Marks the history, unless records without an index are there. Returns whether it is marked.
  Result<bool> mark_if_complete() const;

  /// Gives every record an index entry and marks the history. Looks for them whatever the mark
  /// says: an old system that still runs may have written since. A record keeps its content; its
  /// retention begins anew, and it moves by whole microseconds where its place is taken. May be run
  /// again after any interruption. Returns how many.
  Result<std::size_t> reindex(const GoOn& go_on = {}) const;

  /// Adds records of the past, all of them or none: some thousand at most. One that is there
  /// already, whoever wrote it, is not added again; one whose place another has moves by whole
  /// microseconds. Its retention begins anew.
  /// Errors: conflict where no place is free, and those of the store.
  Result<AddReport> add(std::span<const Transition> records) const;

  /// Removes the records before `time`, a page at a time, with their entries. Returns how many
  /// it removed: those that another prune removed at the same time are counted there.
  Result<std::size_t> prune(TimePoint time, const GoOn& go_on = {}) const;

  /// Looks for records without an index unless that was done, and marks the history if there are
  /// none, so that nobody need look again. Errors: conflict if there are some.
  Result<void> require_complete() const;

 private:
  /// Which end a walk begins at, after how many matches it ends, and before which place nothing
  /// counts.
  struct Walk {
    bool newest_first = false;
    std::optional<std::size_t> limit = std::nullopt;
    std::optional<TimePoint> from_place = std::nullopt;
  };
  /// visit() with the place of each match in the log: the time of its key. Of `query` the order and
  /// the limit do not count.
  Result<void> walk(
      const TransitionQuery& query, const Walk& how,
      const std::function<bool(TimePoint place, const Transition&)>& visit,
      const std::function<void(const std::string& key, const Error&)>& on_corrupt) const;
  Result<bool> is_marked() const;
  Result<void> mark_now() const;
  Result<void> index_page(std::span<const UnindexedRecords::Record> page) const;
  Result<void> index_one(const UnindexedRecords::Record& record) const;
  Result<std::vector<const Transition*>> unknown_of(std::span<const Transition> records) const;
  Result<std::optional<AddReport>> try_to_add(std::span<const Transition> records) const;

  Storage& storage_;
  Millis retention_;
};

}  // namespace rz
