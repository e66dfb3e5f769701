#include "rz/fallback/history/unindexed_records.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "fallback/fallback_support.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using Strings = std::vector<std::string>;

const std::string kLog = "log";
const std::string kPrefix = kLog + ":";

Strings keys_of(UnindexedRecords& records, std::size_t step = 1000) {
  Strings keys;
  for (;;) {
    const auto page = ok(records.peek());
    if (page.empty()) return keys;
    const std::size_t count = std::min(step, page.size());
    for (const auto& record : page.first(count)) {
      keys.push_back(record.key.substr(kPrefix.size()));
      CHECK(record.value == "of " + record.key);
    }
    records.take(count);
  }
}

struct UnindexedRecordsFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};

  void add(const std::string& time) {
    REQUIRE(storage.set(kPrefix + time, "of " + kPrefix + time));
  }
  void add_indexed(TimePoint time) {
    Batch batch;
    batch.append(kLog, time, "indexed");
    REQUIRE(ok(storage.commit(batch)) == Commit::done);
  }
};

TEST_CASE_FIXTURE(UnindexedRecordsFixture,
                  "in windows of any size: all of them, in order, from either end") {
  Strings expected;
  for (int second = 10; second < 40; ++second) {
    const std::string time = std::to_string(second);
    // The same time in two spellings, and one that is between records of the index.
    add(time + ".5");
    add(time + ".500000");
    expected.insert(expected.end(), {time + ".5", time + ".500000"});
    add_indexed(TimePoint{std::chrono::seconds{second}});
    add_indexed(TimePoint{std::chrono::seconds{second} + Micros{500'001}});
  }
  add("notes");
  for (const std::size_t window : {1, 2, 3, 7, 60, 119, 120, 121, 1000}) {
    CAPTURE(window);
    for (const std::size_t step : {1, 1000}) {
      UnindexedRecords oldest(storage, kLog, {.window = window});
      CHECK(keys_of(oldest, step) == expected);
      UnindexedRecords newest(storage, kLog, {.newest_first = true, .window = window});
      CHECK(keys_of(newest, step) == Strings(expected.rbegin(), expected.rend()));
    }
  }
}

TEST_CASE_FIXTURE(UnindexedRecordsFixture,
                  "what goes while they are read is left out, the rest still comes") {
  for (int second = 10; second < 30; ++second) add(std::to_string(second) + ".5");
  UnindexedRecords records(storage, kLog, {.window = 5});
  REQUIRE(ok(records.peek()).size() == 5);
  records.take(5);
  for (int second = 15; second < 22; ++second) {
    REQUIRE(ok(storage.remove(kPrefix + std::to_string(second) + ".5")));
  }
  const Strings left = keys_of(records);
  CHECK(left.size() == 8);
  CHECK(left.front() == "22.5");
}

TEST_CASE_FIXTURE(UnindexedRecordsFixture, "a scan that is stopped ends it") {
  for (int second = 10; second < 30; ++second) add(std::to_string(second) + ".5");
  int asked = 0;
  UnindexedRecords records(storage, kLog, {.window = 5, .go_on = [&] { return ++asked < 2; }});
  CHECK(keys_of(records).size() == 5);
  CHECK(asked == 2);
}

TEST_CASE_FIXTURE(UnindexedRecordsFixture, "a store that fails is an error, at any call") {
  for (int second = 10; second < 20; ++second) {
    add(std::to_string(second) + ".5");
    add_indexed(TimePoint{std::chrono::seconds{second}});
  }
  bool failed = true;
  for (std::size_t call = 1; failed; ++call) {
    storage::FaultyStorage faulty(storage, clock);
    faulty.inject(storage::Fault::failure(), {.first = call, .count = 1});
    UnindexedRecords records(faulty, kLog, {.window = 8});
    failed = false;
    std::size_t seen = 0;
    for (;;) {
      const auto page = records.peek();
      failed = !page.has_value();
      if (failed || page->empty()) break;
      seen += page->size();
      records.take(page->size());
    }
    CHECK(failed == (seen < 10));
    REQUIRE(call < 100);
  }
}

TEST_CASE("records without an index are those that no entry has, whatever is there") {
  CHECK(rc::check([] {
    UnindexedRecordsFixture f;
    std::set<int> indexed;
    const int count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      const int second = *rc::gen::inRange(100, 140);
      const std::string time = std::to_string(second);
      const bool taken = ok(f.storage.exists(kPrefix + time + ".000000"));
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          if (taken) break;
          f.add_indexed(TimePoint{std::chrono::seconds{second}});
          indexed.insert(second);
          break;
        case 1: f.add(time + ".0"); break;
        default:
          if (!taken) f.add(time + ".000000");
      }
    }
    Strings all = ok(scan_all_keys(f.storage, kPrefix + "*"));
    Strings left;
    for (const std::string& key : all) {
      const std::string time = key.substr(kPrefix.size());
      const bool canonical = time.ends_with(".000000");
      if (!canonical || !indexed.contains(std::stoi(time))) left.push_back(time);
    }
    std::sort(left.begin(), left.end());
    UnindexedRecords records(f.storage, kLog,
                             {.window = static_cast<std::size_t>(*rc::gen::inRange(1, 50))});
    RC_ASSERT(keys_of(records) == left);
  }));
}

}  // namespace
}  // namespace rz::fallback
