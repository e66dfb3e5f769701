#pragma once

#include <cstddef>
#include <vector>

#include "rz/fallback/history/transition.h"

namespace rz::history {

/// Counts records, and keeps the newest `most` of them.
class NewestRecords {
 public:
  explicit NewestRecords(std::size_t most) : most_(most) {}

  void add(const Transition& record);
  std::size_t total() const { return total_; }
  /// Those that were kept, in the order in which they came.
  std::vector<Transition> finish();

 private:
  std::size_t most_;
  std::size_t total_ = 0;
  std::vector<Transition> ring_{};
};

}  // namespace rz::history
