// The contract of Storage where there is more than fits into a page, which is a thousand for most.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "storage/storage_contract.h"
#include "support/results.h"

namespace rz::storage {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kCounts[] = {0, 1, 999, 1000, 1001, 1999, 2000, 2001, 2500};

/// The place of record `i`, with room between it and the next.
TimePoint place(int i) { return TimePoint{Micros{1'700'000'000'000'000 + 10 * i}}; }

using Records = std::vector<LogRecord>;

void append_all(Storage& storage, const std::string& log, const Records& records) {
  for (std::size_t first = 0; first < records.size(); first += kPage) {
    Batch batch;
    for (std::size_t i = first; i < std::min(first + kPage, records.size()); ++i) {
      batch.append(log, records[i].time, records[i].value);
    }
    REQUIRE(ok(storage.commit(batch)) == Commit::done);
  }
}

Records numbered(int count) {
  Records records;
  for (int i = 0; i < count; ++i) records.push_back({place(i), std::to_string(i)});
  return records;
}

/// The pages of a log, one call for each, as those read it who page: on from the last record.
class Pages {
 public:
  Pages(Storage& storage, std::string log, bool newest_first)
      : storage_(storage), log_(std::move(log)) {
    range_.limit = kPage;
    range_.newest_first = newest_first;
  }

  /// Empty behind the last.
  Records next() {
    Records page = ok(storage_.read_log(log_, range_));
    if (page.empty()) return page;
    CHECK(page.size() <= kPage);
    if (range_.newest_first) {
      range_.until = page.back().time;
    } else {
      range_.since = page.back().time + Micros{1};
    }
    return page;
  }

  Records rest() {
    Records all;
    for (Records page = next(); !page.empty(); page = next()) {
      all.insert(all.end(), page.begin(), page.end());
    }
    return all;
  }

 private:
  Storage& storage_;
  std::string log_;
  LogRange range_;
};

void check_logs_of_many_sizes(Storage& storage) {
  for (const int count : kCounts) {
    CAPTURE(count);
    const std::string log = "log" + std::to_string(count);
    const Records records = numbered(count);
    append_all(storage, log, records);
    for (const bool newest_first : {false, true}) {
      Records expected = records;
      if (newest_first) std::reverse(expected.begin(), expected.end());
      CHECK(Pages(storage, log, newest_first).rest() == expected);
      for (const std::size_t limit : {kPage - 1, kPage, kPage + 1, 2 * kPage, SIZE_MAX}) {
        Records first = expected;
        if (first.size() > limit) first.resize(limit);
        CHECK(ok(storage.read_log(log, {.limit = limit, .newest_first = newest_first})) == first);
      }
    }
  }
}

// What stood all the time comes once; what came or went ahead of the reader comes or does not;
// behind the reader nothing changes any more.
void check_a_log_that_changes(Storage& storage, bool newest_first) {
  append_all(storage, "log", numbered(2500));
  Pages pages(storage, "log", newest_first);
  Records seen = pages.next();
  REQUIRE(seen.size() == kPage);

  Batch changes;
  std::set<TimePoint> gone;
  Records fresh;
  for (int i = 5; i < 2500; i += 50) {
    gone.insert(place(i));
    changes.remove(log_key("log", place(i)));
    fresh.push_back({place(i) + Micros{5}, "new " + std::to_string(i)});
    changes.append("log", fresh.back().time, fresh.back().value);
  }
  // The very place where the reader stands.
  gone.insert(seen.back().time);
  changes.remove(log_key("log", seen.back().time));
  REQUIRE(ok(storage.commit(changes)) == Commit::done);

  const TimePoint reached = seen.back().time;
  const auto ahead = [&](TimePoint time) { return newest_first ? time < reached : time > reached; };
  Records expected;
  for (const LogRecord& record : numbered(2500)) {
    if (!ahead(record.time) || !gone.contains(record.time)) expected.push_back(record);
  }
  for (const LogRecord& record : fresh) {
    if (ahead(record.time)) expected.push_back(record);
  }
  std::sort(expected.begin(), expected.end(),
            [](const LogRecord& a, const LogRecord& b) { return a.time < b.time; });
  if (newest_first) std::reverse(expected.begin(), expected.end());

  const Records rest = pages.rest();
  seen.insert(seen.end(), rest.begin(), rest.end());
  CHECK(seen == expected);
}

void check_keys_of_many_sizes(Storage& storage) {
  for (const int count : kCounts) {
    CAPTURE(count);
    const std::string prefix = "k" + std::to_string(count) + ":";
    std::vector<std::string> keys;
    std::vector<std::optional<std::string>> expected;
    Batch batch;
    for (int i = 0; i < count; ++i) {
      keys.push_back(prefix + std::to_string(i));
      // Holes, one of them at the end of a page.
      const bool hole = i % 7 == 3 || i == 999;
      expected.push_back(hole ? std::nullopt : std::optional(std::to_string(i)));
      if (!hole) batch.set(keys.back(), std::to_string(i));
    }
    REQUIRE(ok(storage.commit(batch)) == Commit::done);
    CHECK(ok(storage.get_many(keys)) == expected);
    std::vector<std::string> there;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (expected[i]) there.push_back(keys[i]);
    }
    std::sort(there.begin(), there.end());
    CHECK(ok(scan_all_keys(storage, prefix + "*")) == there);
  }
}

}  // namespace

void check_pages(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("logs around the size of a page, from either end") { check_logs_of_many_sizes(*storage); }
  SUBCASE("a log that changes between two pages, oldest first") {
    check_a_log_that_changes(*storage, false);
  }
  SUBCASE("a log that changes between two pages, newest first") {
    check_a_log_that_changes(*storage, true);
  }
  SUBCASE("keys around the size of a page") { check_keys_of_many_sizes(*storage); }
}

}  // namespace rz::storage
