#include "rz/fallback/history/unindexed_records.h"

#include <algorithm>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/base/try.h"

namespace rz::fallback {
Result<std::span<const UnindexedRecords::Record>> UnindexedRecords::peek() {
  while (at_ == page_.size()) {
    if (next_ == window_.size()) {
      if (!more_) return std::span<const Record>();
      TRY(find_window());
      continue;
    }
    const auto part =
        std::span(window_).subspan(next_, std::min(kHistoryPage, window_.size() - next_));
    std::vector<std::string> keys;
    for (const Key& key : part) keys.push_back(key.text);
    TRY_ASSIGN(auto values, storage_.get_many(keys));
    next_ += part.size();
    at_ = 0;
    page_.clear();
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (values[i]) {
        page_.push_back({part[i].time, std::move(keys[i]), *std::move(values[i])});
      }
    }
  }
  return std::span<const Record>(page_).subspan(at_);
}

// The keys that come next of all that the log has, without those of the index.
Result<void> UnindexedRecords::find_window() {
  window_.clear();
  next_ = 0;
  more_ = false;
  const std::string prefix = log_ + ":";
  std::optional<Key> farthest;  // That there is room for.
  std::string cursor;
  do {
    TRY_ASSIGN(auto page, storage_.scan_keys(prefix + "*", cursor));
    for (std::string& text : page.keys) {
      const auto time = parse_unix_seconds(std::string_view(text).substr(prefix.size()));
      // A key that does not end in a time is not one of ours.
      if (!time || *time >= options_.until) continue;
      Key key{*time, std::move(text)};
      if (last_ && !before(*last_, key)) continue;
      if (farthest && before(*farthest, key)) {
        more_ = true;
        continue;
      }
      window_.push_back(std::move(key));
      // A quarter more than the window, so that dropping keys does not cost more than the scan.
      if (window_.size() > options_.window + options_.window / 4) farthest = keep_nearest();
    }
    cursor = std::move(page.cursor);
    if (options_.go_on && !options_.go_on()) {
      window_.clear();
      more_ = false;
      return {};
    }
  } while (!cursor.empty());
  if (window_.size() > options_.window) keep_nearest();
  // A key may come twice in a scan.
  std::sort(window_.begin(), window_.end());
  window_.erase(std::unique(window_.begin(), window_.end()), window_.end());
  if (window_.empty()) return {};
  last_ = options_.newest_first ? window_.front() : window_.back();
  if (auto dropped = drop_indexed(); !dropped) return dropped;
  if (options_.newest_first) std::reverse(window_.begin(), window_.end());
  return {};
}

// Keeps as many keys as the window has room for; a later scan finds the others again. Returns the
// last that is kept.
UnindexedRecords::Key UnindexedRecords::keep_nearest() {
  const auto last = window_.begin() + static_cast<std::ptrdiff_t>(options_.window) - 1;
  std::nth_element(window_.begin(), last, window_.end(),
                   [this](const Key& a, const Key& b) { return before(a, b); });
  window_.erase(last + 1, window_.end());
  more_ = true;
  return window_.back();
}

// The window and the index are walked side by side, both from the oldest on.
Result<void> UnindexedRecords::drop_indexed() {
  LogRange range;
  range.since = window_.front().time;
  range.until = window_.back().time + Micros{1};
  range.limit = kHistoryPage;
  std::vector<Key> left;
  std::vector<LogRecord> page;
  std::size_t at = 0;
  bool done = false;
  for (Key& key : window_) {
    while (!done && (at == page.size() || page[at].time < key.time)) {
      if (at < page.size()) {
        ++at;
        continue;
      }
      // Whatever is before this key is of no interest any more.
      range.since = std::max(*range.since, key.time);
      TRY_ASSIGN(page, storage_.read_log(log_, range));
      at = 0;
      done = page.empty();
      if (!done) range.since = page.back().time + Micros{1};
    }
    const bool indexed =
        at < page.size() && page[at].time == key.time && key.text == log_key(log_, key.time);
    if (!indexed) left.push_back(std::move(key));
  }
  window_ = std::move(left);
  return {};
}

}  // namespace rz::fallback
