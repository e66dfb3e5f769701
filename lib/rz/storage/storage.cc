#include "rz/storage/storage.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rz/base/timestamp.h"

namespace rz {

Batch& Batch::expect(std::string key, std::optional<std::string> value) {
  expectations.push_back({std::move(key), std::move(value)});
  return *this;
}

Batch& Batch::expect_absent(std::string key) { return expect(std::move(key), std::nullopt); }

Batch& Batch::set(std::string key, std::string value, std::optional<Millis> expire) {
  writes.emplace_back(Set{std::move(key), std::move(value), expire});
  return *this;
}

Batch& Batch::set_member(std::string collection, std::string_view name, std::string value,
                         std::optional<Millis> expire) {
  std::string key = collection + std::string(name);
  writes.emplace_back(Set{std::move(key), std::move(value), expire, std::move(collection)});
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

Result<ReadAnswer> Storage::read_together(const ReadSet& what) {
  ReadAnswer answer;
  for (const std::string& key : what.keys) {
    auto value = get(key);
    if (!value && is_outage(value.error())) return fail(std::move(value).error());
    answer.values.push_back(std::move(value));
  }
  for (const std::string& collection : what.collections) {
    auto members = read_collection(collection);
    if (!members && is_outage(members.error())) return fail(std::move(members).error());
    answer.collections.push_back(std::move(members));
  }
  for (const std::string& log : what.logs) {
    const auto newest = read_log(log, {.limit = 1, .newest_first = true});
    if (!newest && is_outage(newest.error())) return fail(newest.error());
    answer.logs.push_back(newest.map([](const auto& records) { return !records.empty(); }));
  }
  return answer;
}

Result<std::uint64_t> Storage::count_log(std::string_view log) {
  std::uint64_t count = 0;
  for (LogRange range;;) {
    const auto page = read_log(log, range);
    if (!page) return fail(page.error());
    count += page->size();
    if (page->size() < range.limit) return count;
    range.since = page->back().time + Micros{1};
  }
}

Result<StoreProbe> Storage::probe() {
  if (auto answered = health_check(); !answered) return fail(std::move(answered).error());
  StoreProbe found;
  if (auto written = set(kProbeKey, "written", kProbeLife); !written) {
    found.write_error = std::move(written).error();
  }
  // The store works. It is no error if it does not tell its settings, for which rz may have no
  // rights.
  if (auto warnings = durability_warnings()) found.warnings = *std::move(warnings);
  return found;
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
