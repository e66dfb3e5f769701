#pragma once

#include <cstddef>
#include <memory>

#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/transition_import.h"

namespace rz::reports {

/// How a list of transitions ended.
struct EndOfList {
  const Error* failed = nullptr;  ///< Why not all that was asked for was seen; null: all was.
  bool whole = true;  ///< Whether the history has all that the host knows of: what waits on it for
                      ///< the store is not there yet.
};

/// Writes transitions as they come, so that memory does not grow with the history.
class TransitionsWriter {
 public:
  virtual ~TransitionsWriter() = default;
  virtual void add(const Transition& transition) = 0;
  /// After the last one. A document is valid whatever failed, and says itself if it is a part;
  /// where nothing was seen because of a failure there is none.
  virtual void finish(const EndOfList& end) = 0;
};

// What work on the history has done, and whether a signal ended it early.
struct Reindexed {
  std::size_t indexed = 0;
  bool interrupted = false;
};
struct Pruned {
  std::size_t removed = 0;
  bool interrupted = false;
};
struct Imported {
  ImportReport records;
  bool interrupted = false;
};

}  // namespace rz::reports
