#include "rz/fallback/history/history_follower.h"

#include <algorithm>
#include <utility>

#include "rz/base/try.h"
#include "rz/fallback/history/history_index.h"
#include "rz/fallback/history/transition.h"

namespace rz::fallback {

bool SeenPlaces::contains(TimePoint place) const {
  if (places_.empty() || places_.back() < place) return false;
  return std::binary_search(places_.begin(), places_.end(), place);
}

void SeenPlaces::add(TimePoint place) {
  if (places_.empty() || places_.back() < place) {
    places_.push_back(place);
    return;
  }
  const auto at = std::lower_bound(places_.begin(), places_.end(), place);
  if (*at != place) places_.insert(at, place);
}

std::optional<TimePoint> SeenPlaces::newest() const {
  if (places_.empty()) return std::nullopt;
  return places_.back();
}

Result<void> HistoryFollower::look(const Take& take) {
  const bool overdue =
      clock_.monotonic() - looked_through_at_ >
      std::max<std::chrono::nanoseconds>(kLongestPause, 3 * kPauseFactor * last_look_through_);
  if (!entries_ || overdue) return look_through(take);
  for (;;) {
    TRY_ASSIGN(const auto entries, storage_.count_log(kTransitionLog));
    std::optional<TimePoint> since = seen_.newest();
    if (since) *since += Micros{1};
    TRY_ASSIGN(const auto added, take_from(since, take));
    *entries_ += added;
    if (entries == *entries_) return {};
    // Some were added between the two calls: they are counted by the next one.
    if (added == 0) break;
  }
  // Records were removed, or added behind others.
  return clock_.monotonic() < next_look_through_ ? Result<void>{} : look_through(take);
}

Result<void> HistoryFollower::look_through(const Take& take) {
  const auto begin = clock_.monotonic();
  // Counted before: whatever is added meanwhile then calls for another look.
  TRY_ASSIGN(const auto entries, storage_.count_log(kTransitionLog));
  records_ = 0;
  TRY(take_from(std::nullopt, take));
  entries_ = entries;
  looked_through_at_ = clock_.monotonic();
  last_look_through_ = looked_through_at_ - begin;
  next_look_through_ = looked_through_at_ + std::max<std::chrono::nanoseconds>(
                                                kLeastPause, kPauseFactor * last_look_through_);
  return {};
}

// Returns how many were new.
Result<std::uint64_t> HistoryFollower::take_from(std::optional<TimePoint> since, const Take& take) {
  std::uint64_t added = 0;
  LogRange range{.since = since, .until = HistoryIndex::kMarkPlace, .limit = kHistoryPage};
  for (;;) {
    TRY_ASSIGN(auto page, storage_.read_log(kTransitionLog, range));
    const bool is_last = page.size() < range.limit;
    records_ += page.size();
    if (!page.empty()) range.since = page.back().time + Micros{1};
    std::erase_if(page, [&](const LogRecord& record) { return seen_.contains(record.time); });
    if (!page.empty()) {
      TRY(take(page));
      for (const LogRecord& record : page) seen_.add(record.time);
      added += page.size();
    }
    if (is_last) return added;
  }
}

}  // namespace rz::fallback
