#include "rz/storage/storage.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rz/base/timestamp.h"

namespace rz {

Batch& Batch::expect(std::string key, std::string value) {
  expectations.push_back({std::move(key), std::move(value)});
  return *this;
}

Batch& Batch::expect_absent(std::string key) {
  expectations.push_back({std::move(key), std::nullopt});
  return *this;
}

Batch& Batch::set(std::string key, std::string value, std::optional<Millis> expire) {
  writes.emplace_back(Set{std::move(key), std::move(value), expire});
  return *this;
}

Batch& Batch::remove(std::string key) {
  writes.emplace_back(Remove{std::move(key)});
  return *this;
}

Batch& Batch::append(std::string log, TimePoint time, std::string value,
                     std::optional<Millis> expire) {
  writes.emplace_back(Append{std::move(log), time, std::move(value), expire});
  return *this;
}

const char* to_string(Commit commit) {
  switch (commit) {
    case Commit::done: return "done";
    case Commit::refused: return "refused";
    case Commit::place_taken: return "place_taken";
  }
  return "unknown";
}

std::string log_key(std::string_view log, TimePoint time) {
  std::string key(log);
  key += ':';
  key += format_unix_seconds(time);
  return key;
}

Result<std::vector<std::string>> scan_all_keys(Storage& storage, std::string_view glob) {
  std::vector<std::string> keys;
  std::string cursor;
  do {
    Result<ScanPage> page = storage.scan_keys(glob, cursor);
    if (!page) return fail(std::move(page).error());
    keys.insert(keys.end(), std::make_move_iterator(page->keys.begin()),
                std::make_move_iterator(page->keys.end()));
    cursor = std::move(page->cursor);
  } while (!cursor.empty());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace rz
