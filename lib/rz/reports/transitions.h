#pragma once

#include <cstddef>
#include <memory>

#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/transition_import.h"
#include "rz/fallback/history/transition_view.h"
#include "rz/reports/history_report.h"

namespace rz::reports {

/// How a list of transitions ended.
struct EndOfList {
  const Error* failed = nullptr;  ///< Why the list ended early; null: it did not.
  bool whole = true;  ///< Whether the history has all that this host knows of. Decisions that are
                      ///< waiting for the store are not in it yet.
  /// All modes of the time that the list is of, whatever else it selects, or why they are not
  /// known. Null: nobody asked, as only a page shows them.
  const Result<StatsReport>* modes = nullptr;
};

/// Writes transitions as they come, so that memory does not grow with the history.
class TransitionsWriter {
 public:
  virtual ~TransitionsWriter() = default;
  virtual void add(const fallback::TransitionView& transition) = 0;
  void add(const Transition& transition);
  /// Shows what was added: what comes next may take a while. The list may go on.
  virtual void pause() {}
  /// To be called before the first add(): what is written goes on behind an earlier list of the
  /// same format, so there are no titles.
  virtual void go_on() {}
  /// Ends the list. The document is valid whatever failed; JSON says itself if it is incomplete,
  /// the notices say it beside the others. If a failure left nothing to show, there is no document.
  virtual void finish(const EndOfList& end) = 0;
};

// What maintenance of the history has done, and whether a signal ended it early.
struct Reindexed {
  std::size_t indexed = 0;
  bool interrupted = false;
  bool dry_run = false;  ///< Nothing was changed: it is what would have been done.
};
struct Pruned {
  std::size_t removed = 0;
  bool interrupted = false;
  bool dry_run = false;
};
struct Imported {
  fallback::ImportReport records;
  bool interrupted = false;
  bool dry_run = false;
};

}  // namespace rz::reports
