#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// So many records of the history are read or written at once: enough that the way to the store
/// does not count, and few enough for any memory.
inline constexpr std::size_t kHistoryPage = 1000;

/// The records of a log that have no index entry, as the old system wrote them, in order of their
/// keys' times.
///
/// They are found by scans of all keys, one for each `window` of the log's records, so that
/// memory is bounded however many there are. What expires or is removed meanwhile is left out; what
/// is written meanwhile may be. Does not own the storage; not thread-safe.
class UnindexedRecords {
 public:
  struct Record {
    TimePoint time;
    std::string key;
    std::string value;
  };

  struct Options {
    bool newest_first = false;
    std::size_t window = 200'000;        ///< At least 1.
    TimePoint until = TimePoint::max();  ///< Exclusive.
    /// Asked between the pages of a scan: whether to go on. If not, there are no more records.
    std::function<bool()> go_on = {};
  };

  UnindexedRecords(Storage& storage, std::string_view log, Options options)
      : storage_(storage), log_(log), options_(std::move(options)) {}

  /// The records that come next, without taking them: one to a thousand, none at the end.
  Result<std::span<const Record>> peek();

  /// Takes the first `count` of those that peek() showed.
  void take(std::size_t count) { at_ += count; }

 private:
  struct Key {
    TimePoint time;
    std::string text;

    auto operator<=>(const Key&) const = default;
  };

  Result<void> find_window();
  Result<void> drop_indexed();
  Key keep_nearest();
  bool before(const Key& a, const Key& b) const { return options_.newest_first ? b < a : a < b; }

  Storage& storage_;
  std::string log_;
  Options options_;
  std::vector<Key> window_;  ///< Those that were found and not read yet, from next_ on.
  std::size_t next_ = 0;
  std::optional<Key> last_;  ///< Of the last window: the next one begins behind it.
  bool more_ = true;         ///< Whether there may be another window.
  std::vector<Record> page_;
  std::size_t at_ = 0;
};

}  // namespace rz::fallback
