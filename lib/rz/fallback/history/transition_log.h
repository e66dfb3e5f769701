#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/history_index.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/transition_view.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

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

  bool matches(const TransitionView& transition) const;
};

/// What add() did with records.
struct AddReport {
  std::size_t added = 0;
  std::size_t known = 0;  ///< They were there already.
};

/// The history of mode transitions, in Storage's log `fallback:transition`. Does not own the
/// storage. As thread-safe as the storage is.
class TransitionLog {
 public:
  /// `retention`: a record's life from when it is written.
  TransitionLog(Storage& storage, Millis retention)
      : storage_(storage), retention_(retention), index_(storage, retention) {}

  /// Whether every record has its index entry, and what is done about it.
  HistoryIndex& index() { return index_; }

  /// Adds the record to a batch.
  void append(Batch& batch, const Transition& transition) const;

  /// Calls `visit` with each match, in order, until it returns false. Memory is bounded: by a page,
  /// and by some keys of unindexed records. More than a page of the newest, oldest first, are
  /// walked twice. A record that cannot be read is passed to `on_corrupt` with its key and skipped.
  Result<void> visit(const TransitionQuery& query,
                     const std::function<bool(const Transition&)>& visit,
                     const std::function<void(const std::string& key, const Error&)>& on_corrupt);

  /// As visit, for a caller that needs no copies: a view is valid during its call.
  Result<void> visit_views(
      const TransitionQuery& query, const std::function<bool(const TransitionView&)>& visit,
      const std::function<void(const std::string& key, const Error&)>& on_corrupt);

  /// As visit, collected; corrupt records become an error.
  Result<std::vector<Transition>> list(const TransitionQuery& query);

  /// Adds records of the past, all of them or none: some thousand at most. One that is there
  /// already, whoever wrote it, is not added again; one whose place another has moves by whole
  /// microseconds. Its retention begins anew.
  /// `dry`: nothing is added, and the answer is what would be.
  /// Errors: conflict where no place is free, and those of the store.
  Result<AddReport> add(std::span<const Transition> records, bool dry = false);

  /// Removes the records before `time`, a page at a time, with their entries. Returns how many
  /// it removed: those that another prune removed at the same time are counted there.
  /// `dry`: nothing is removed, and the answer is how many would be.
  Result<std::size_t> prune(TimePoint time, const GoOn& go_on = {}, bool dry = false);

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
  Result<void> walk(const TransitionQuery& query, const Walk& how,
                    const std::function<bool(TimePoint place, const TransitionView&)>& visit,
                    const std::function<void(const std::string& key, const Error&)>& on_corrupt);
  Result<std::optional<AddReport>> try_to_add(std::span<const Transition> records, bool near,
                                              bool dry);

  Storage& storage_;
  Millis retention_;
  HistoryIndex index_;
};

}  // namespace rz::fallback
