#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "rz/fallback/history/transition.h"
#include "rz/history/mode_timeline.h"

namespace rz::history {

/// Puts records into the order in which the system decided. rz writes them in that order, but a
/// history that was imported is in the order of times, which come from the clocks of several hosts:
/// then a record stands before another one on which it follows. Epochs and modes tell.
///
/// A record to which epochs are left out waits until those that have them come. If one of the next
/// kMostWaiting records begins anew, or none of them is what is missing, then it is missing.
class DecisionOrder {
 public:
  static constexpr std::size_t kMostWaiting = 64;

  /// `take` is called with each record in its turn, and must pass it to `timeline`.
  DecisionOrder(const ModeTimeline& timeline, std::function<void(const Transition&)> take)
      : timeline_(timeline), take_(std::move(take)) {}

  void add(const Transition& record);
  /// No more records come.
  void finish() { settle(0); }

 private:
  /// What is known of the records that the first one that waits skips.
  enum class Skipped { found, awaited, missing };

  void settle(std::size_t most);
  void take_first();
  Skipped find_skipped(std::vector<std::size_t>& found) const;
  std::optional<std::size_t> find_next(const ModeTimeline& after, std::size_t before) const;

  const ModeTimeline& timeline_;
  std::function<void(const Transition&)> take_;
  std::deque<Transition> waiting_{};
};

}  // namespace rz::history
