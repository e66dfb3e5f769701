#include "rz/history/decision_order.h"

#include <algorithm>
#include <utility>

namespace rz::history {

void DecisionOrder::add(const Transition& record) {
  // Nearly all records of nearly all histories: nothing is copied for them.
  if (waiting_.empty() && !timeline_.skips_to(record)) return take_(record);
  waiting_.push_back(record);
  settle(kMostWaiting);
}

void DecisionOrder::settle(std::size_t most) {
  while (!waiting_.empty()) {
    if (!timeline_.skips_to(waiting_.front())) {
      take_first();
      continue;
    }
    std::vector<std::size_t> found;
    switch (find_skipped(found)) {
      case Skipped::found:
        for (const std::size_t i : found) take_(waiting_[i]);
        std::sort(found.rbegin(), found.rend());
        for (const std::size_t i : found) {
          waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        break;
      case Skipped::missing: take_first(); break;
      case Skipped::awaited:
        if (waiting_.size() <= most) return;
        take_first();
        break;
    }
  }
}

void DecisionOrder::take_first() {
  const Transition first = std::move(waiting_.front());
  waiting_.pop_front();
  take_(first);
}

// All of them, and so that the first one follows on the last: a part proves nothing, since another
// history may have these epochs, too.
DecisionOrder::Skipped DecisionOrder::find_skipped(std::vector<std::size_t>& found) const {
  const auto anew = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& record) {
    return timeline_.goes_back_to(record);
  });
  const auto before = static_cast<std::size_t>(anew - waiting_.begin());
  ModeTimeline after = timeline_;
  while (after.skips_to(waiting_.front())) {
    const auto next = find_next(after, before);
    if (!next) return anew == waiting_.end() ? Skipped::awaited : Skipped::missing;
    after.add(waiting_[*next]);
    found.push_back(*next);
  }
  return after.continues_with(waiting_.front()) ? Skipped::found : Skipped::missing;
}

// Among those that come before the one at `before`.
std::optional<std::size_t> DecisionOrder::find_next(const ModeTimeline& after,
                                                    std::size_t before) const {
  for (std::size_t i = 1; i < before; ++i) {
    if (after.continues_with(waiting_[i])) return i;
  }
  return std::nullopt;
}

}  // namespace rz::history
