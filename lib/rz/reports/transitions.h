#pragma once

#include <cstddef>
#include <memory>

#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/transition_import.h"

namespace rz::reports {

/// How a list of transitions ended.
struct EndOfList {
  const Error* failed = nullptr;  ///< Why the list ended early; null: it did not.
  bool whole = true;  ///< Whether the history has all that this host knows of. Decisions that are
                      ///< waiting for the store are not in it yet.
};

/// Writes transitions as they come, so that memory does not grow with the history.
class TransitionsWriter {
 public:
  virtual ~TransitionsWriter() = default;
  virtual void add(const Transition& transition) = 0;
  /// Ends the list. The document is valid whatever failed; JSON says itself if it is incomplete,
  /// the notices say it beside the others. If a failure left nothing to show, there is no document.
  virtual void finish(const EndOfList& end) = 0;
};

// What maintenance of the history has done, and whether a signal ended it early.
struct Reindexed {
  std::size_t indexed = 0;
  bool interrupted = false;
};
struct Pruned {
  std::size_t removed = 0;
  bool interrupted = false;
};
struct Imported {
  fallback::ImportReport records;
  bool interrupted = false;
};

}  // namespace rz::reports
