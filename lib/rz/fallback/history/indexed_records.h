#pragma once

#include <cstddef>
#include <future>
#include <vector>

#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// The records of the history's index, page by page, from one end to the other. Of many, the next
/// page is read by a thread of its own while the last one is used: the store and whoever writes the
/// records out then work at the same time. Does not own the storage; not thread-safe.
class IndexedRecords {
 public:
  /// `range.limit` is that of the first page. `many`: whether more than two pages may be wanted.
  IndexedRecords(Storage& storage, const LogRange& range, bool many)
      : storage_(storage), range_(range), many_(many) {}

  /// The record that comes next, without taking it; nullptr at the end.
  Result<const LogRecord*> peek();

  void take() { ++at_; }

 private:
  using Page = Result<std::vector<LogRecord>>;

  Page next_page();
  void read_ahead();

  Storage& storage_;
  LogRange range_;  ///< Of the next page.
  const bool many_;
  std::vector<LogRecord> page_;
  std::size_t at_ = 0;
  bool done_ = false;
  std::future<Page> ahead_;  ///< The next page, if it is being read already.
};

}  // namespace rz::fallback
