#include "rz/fallback/history/indexed_records.h"

#include <system_error>
#include <utility>

#include "rz/base/try.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/unindexed_records.h"

namespace rz::fallback {

Result<const LogRecord*> IndexedRecords::peek() {
  if (at_ == page_.size() && !done_) {
    TRY_ASSIGN(page_, next_page());
    at_ = 0;
    done_ = page_.size() < range_.limit;
    range_.limit = kHistoryPage;
    if (!page_.empty()) {
      (range_.newest_first ? range_.until : range_.since) =
          range_.newest_first ? page_.back().time : page_.back().time + Micros{1};
    }
    if (many_ && !done_) read_ahead();
  }
  return at_ < page_.size() ? &page_[at_] : nullptr;
}

IndexedRecords::Page IndexedRecords::next_page() {
  if (ahead_.valid()) return ahead_.get();
  return storage_.read_log(kTransitionLog, range_);
}

void IndexedRecords::read_ahead() {
  try {
    ahead_ = std::async(std::launch::async, [&storage = storage_, range = range_] {
      return storage.read_log(kTransitionLog, range);
    });
  } catch (const std::system_error&) {
    // There is no thread to be had: the page is read when it is wanted.
  }
}

}  // namespace rz::fallback
