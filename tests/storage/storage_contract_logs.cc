// The contract of Storage for batches and logs.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/results.h"

namespace rz::storage {
namespace {

/// A time as transitions have it, `micros` past 2023-11-14T22:13:20Z.
TimePoint since_2023(std::int64_t micros) { return at(1'700'000'000'000'000 + micros); }

using Records = std::vector<LogRecord>;

/// What read_log must answer, of `records` in order of time.
Records select(const Records& records, const LogRange& range) {
  Records selected;
  for (const LogRecord& record : records) {
    if (range.since && record.time < *range.since) continue;
    if (range.until && record.time >= *range.until) continue;
    selected.push_back(record);
  }
  if (range.newest_first) std::reverse(selected.begin(), selected.end());
  if (selected.size() > range.limit) selected.resize(range.limit);
  return selected;
}

/// Appends a record at each of `times`, its value made of the time.
Records append_at(Storage& storage, const std::string& log, const std::vector<TimePoint>& times) {
  Records records;
  for (const TimePoint time : times) {
    records.push_back({time, log + "@" + std::to_string(time.time_since_epoch().count())});
    REQUIRE(ok(storage.commit(Batch().append(log, time, records.back().value))) == Commit::done);
  }
  std::sort(records.begin(), records.end(),
            [](const LogRecord& a, const LogRecord& b) { return a.time < b.time; });
  return records;
}

Records all_of_log(Storage& storage, const std::string& log) {
  return ok(storage.read_log(log, {}));
}

using Content = std::optional<std::string>;

void put(Storage& storage, const std::string& key, const Content& content) {
  if (content) {
    REQUIRE(storage.set(key, *content));
  } else {
    static_cast<void>(ok(storage.remove(key)));
  }
}

void check_expectations(Storage& storage) {
  const Content contents[] = {std::nullopt, "", "a", "b", std::string("a\0", 2)};
  int round = 0;
  for (const Content& stored : contents) {
    for (const Content& expected : contents) {
      for (int kind = 0; kind < 3; ++kind) {
        CAPTURE(stored);
        CAPTURE(expected);
        CAPTURE(kind);
        const bool holds = stored == expected;
        const std::string log = "log" + std::to_string(++round);
        put(storage, "key", stored);
        put(storage, "written", "before");
        Batch batch;
        batch.expectations.push_back({"key", expected});
        if (kind == 0) batch.set("written", "after");
        if (kind == 1) batch.remove("written");
        if (kind == 2) batch.append(log, at(5), "record");
        CHECK(ok(storage.commit(batch)) == (holds ? Commit::done : Commit::refused));
        CHECK(ok(storage.get("key")) == stored);
        const Content untouched = "before";
        const Content after = kind == 0 ? Content("after") : kind == 1 ? Content() : untouched;
        CHECK(ok(storage.get("written")) == (holds ? after : untouched));
        CHECK(all_of_log(storage, log).size() == (holds && kind == 2 ? 1 : 0));
      }
    }
  }
}

/// Threads that each try to take the step from every epoch to the next. Each step has one winner.
void check_race(const StorageBackend& backend, Storage& storage, bool handle_each) {
  constexpr int kThreads = 8;
  constexpr int kEpochs = 25;
  std::vector<int> wins(kThreads, 0);
  REQUIRE(storage.set("epoch", "0"));
  const int clean = race(kThreads, [&](int thread) {
    const std::unique_ptr<Storage> own = handle_each ? backend.open() : nullptr;
    Storage& mine = own ? *own : storage;
    for (;;) {
      const Result<Content> epoch = mine.get("epoch");
      if (!epoch || !*epoch) return false;
      const int current = std::stoi(**epoch);
      if (current == kEpochs) return true;
      const Result<Commit> won =
          mine.commit(Batch()
                          .expect("epoch", **epoch)
                          .set("epoch", std::to_string(current + 1))
                          .append("transitions", since_2023(current), std::to_string(thread)));
      if (!won) return false;
      if (*won == Commit::done) ++wins[static_cast<std::size_t>(thread)];
    }
  });
  CHECK(clean == kThreads);
  int sum = 0;
  for (const int n : wins) sum += n;
  CHECK(sum == kEpochs);
  const Records records = all_of_log(storage, "transitions");
  REQUIRE(records.size() == kEpochs);
  for (int i = 0; i < kEpochs; ++i) {
    CHECK(records[static_cast<std::size_t>(i)].time == since_2023(i));
  }
}

}  // namespace

void check_commits(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("every kind of expectation guards every kind of write") { check_expectations(*storage); }
  SUBCASE("an empty batch, and one of expectations alone") {
    CHECK(ok(storage->commit({})) == Commit::done);
    REQUIRE(storage->set("a", "1"));
    CHECK(ok(storage->commit(Batch().expect("a", "1").expect_absent("b"))) == Commit::done);
    CHECK(ok(storage->commit(Batch().expect("a", "1").expect_absent("a"))) == Commit::refused);
    CHECK(ok(storage->commit(Batch().expect("a", "1").expect("a", "2"))) == Commit::refused);
  }
  SUBCASE("one wrong expectation of a hundred stops every write") {
    Batch batch;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(storage->set("e" + std::to_string(i), std::to_string(i)));
      batch.expect("e" + std::to_string(i), std::to_string(i == 57 ? 0 : i));
      batch.set("w" + std::to_string(i), "1").append("log", at(i), "1");
    }
    CHECK(ok(storage->commit(batch)) == Commit::refused);
    CHECK(ok(scan_all_keys(*storage, "w*")).empty());
    CHECK(all_of_log(*storage, "log").empty());
    batch.expectations[57].value = "57";
    CHECK(ok(storage->commit(batch)) == Commit::done);
    CHECK(ok(scan_all_keys(*storage, "w*")).size() == 100);
    CHECK(all_of_log(*storage, "log").size() == 100);
  }
  SUBCASE("the last write to a key stands") {
    CHECK(ok(storage->commit(Batch().set("a", "1").set("a", "2"))) == Commit::done);
    CHECK(ok(storage->get("a")) == "2");
    CHECK(ok(storage->commit(Batch().set("a", "3").remove("a"))) == Commit::done);
    CHECK(ok(storage->get("a")) == std::nullopt);
    CHECK(ok(storage->commit(Batch().remove("a").set("a", "4"))) == Commit::done);
    CHECK(ok(storage->get("a")) == "4");
    CHECK(ok(storage->commit(Batch().set("b", "1", kLife).set("b", "2"))) == Commit::done);
    backend.advance(kWait);
    CHECK(ok(storage->get("b")) == "2");
  }
  SUBCASE("expectations see what was before the batch") {
    CHECK(ok(storage->commit(Batch().set("a", "1").expect_absent("a"))) == Commit::done);
    CHECK(ok(storage->commit(Batch().set("a", "2").expect("a", "2"))) == Commit::refused);
    CHECK(ok(storage->commit(Batch().remove("a").expect("a", "1"))) == Commit::done);
  }
  SUBCASE("removing what is not there is no failure") {
    CHECK(ok(storage->commit(Batch().remove("none").set("a", "1"))) == Commit::done);
    CHECK(ok(storage->get("a")) == "1");
  }
  SUBCASE("any bytes in expectations and writes") {
    for (const std::string& bytes : awkward_strings()) {
      CAPTURE(bytes);
      REQUIRE(storage->set("key", bytes));
      CHECK(ok(storage->commit(Batch().expect("key", bytes).set("copy", bytes))) == Commit::done);
      CHECK(ok(storage->get("copy")) == bytes);
      CHECK(ok(storage->commit(Batch().expect("key", bytes + '\0').set("copy", "no"))) ==
            Commit::refused);
      CHECK(ok(storage->commit(Batch().append(bytes, at(1), bytes).set("s" + bytes, ""))) ==
            Commit::done);
      CHECK(all_of_log(*storage, bytes) == Records{{at(1), bytes}});
      CHECK(ok(storage->get("s" + bytes)) == "");
    }
  }
  SUBCASE("values of 10 MB, expected and written") {
    const std::string large(10'000'000, '\xfe');
    CHECK(ok(storage->commit(Batch().set("a", large).append("log", at(1), large))) == Commit::done);
    CHECK(ok(storage->commit(Batch().expect("a", large).remove("a"))) == Commit::done);
    CHECK(all_of_log(*storage, "log") == Records{{at(1), large}});
  }
  SUBCASE("one record at one time of a log") {
    CHECK(ok(storage->commit(Batch().append("log", at(7), "first"))) == Commit::done);
    CHECK(ok(storage->commit(Batch().append("log", at(7), "second").set("a", "1"))) ==
          Commit::place_taken);
    CHECK(all_of_log(*storage, "log") == Records{{at(7), "first"}});
    CHECK_FALSE(ok(storage->exists("a")));
    CHECK(ok(storage->commit(Batch().append("log", at(8), "x").append("other", at(7), "y"))) ==
          Commit::done);
  }
  SUBCASE("a taken place and a failed expectation are told apart; the expectation counts") {
    REQUIRE(storage->set("state", "1"));
    CHECK(ok(storage->commit(Batch().append("log", at(7), "first"))) == Commit::done);
    const auto move = [&](const std::string& from, TimePoint place) {
      return ok(storage->commit(Batch()
                                    .append("log", at(1), "free")
                                    .append("log", place, "second")
                                    .expect("state", from)
                                    .set("state", "2")
                                    .remove("none")));
    };
    CHECK(move("1", at(7)) == Commit::place_taken);
    CHECK(move("0", at(7)) == Commit::refused);
    CHECK(move("0", at(8)) == Commit::refused);
    CHECK(ok(storage->get("state")) == "1");
    CHECK(all_of_log(*storage, "log") == Records{{at(7), "first"}});
    CHECK(move("1", at(8)) == Commit::done);
    CHECK(ok(storage->get("state")) == "2");
    // An expectation of the very key of the place is one like others.
    const std::string taken = log_key("log", at(8));
    CHECK(ok(storage->commit(Batch().append("log", at(8), "x").expect_absent(taken))) ==
          Commit::refused);
    CHECK(ok(storage->commit(Batch().append("log", at(8), "x").expect(taken, "second"))) ==
          Commit::place_taken);
  }
  SUBCASE("a record's place is free again when the record is gone") {
    CHECK(ok(storage->commit(Batch().append("log", at(1), "1").append("log", at(2), "1", kLife))) ==
          Commit::done);
    CHECK(ok(storage->remove(log_key("log", at(1)))));
    backend.advance(kWait);
    CHECK(ok(storage->commit(Batch().append("log", at(1), "2").append("log", at(2), "2"))) ==
          Commit::done);
    CHECK(all_of_log(*storage, "log") == Records{{at(1), "2"}, {at(2), "2"}});
  }
  SUBCASE("a key that was simply set keeps a record from its place") {
    REQUIRE(storage->set(log_key("log", at(1)), "plain"));
    CHECK(ok(storage->commit(Batch().append("log", at(1), "record"))) == Commit::place_taken);
    CHECK(all_of_log(*storage, "log").empty());
  }
  SUBCASE("two records at one time in a batch are refused") {
    Batch batch;
    batch.set("a", "1").append("log", at(1), "1").append("log", at(1), "2");
    CHECK(code_of(storage->commit(batch)) == ErrorCode::invalid_argument);
    CHECK_FALSE(ok(storage->exists("a")));
    CHECK(all_of_log(*storage, "log").empty());
  }
  SUBCASE("a record appended and removed in one batch is not there") {
    CHECK(ok(storage->commit(Batch()
                                 .append("log", at(1), "1")
                                 .append("log", at(2), "2")
                                 .remove(log_key("log", at(1))))) == Commit::done);
    CHECK(all_of_log(*storage, "log") == Records{{at(2), "2"}});
  }
  SUBCASE("threads on one handle race, one wins each epoch") {
    check_race(backend, *storage, false);
  }
  SUBCASE("threads with a handle each race, one wins each epoch") {
    check_race(backend, *storage, true);
  }
}

void check_logs(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("a log that is not there is empty") {
    CHECK(all_of_log(*storage, "none").empty());
    CHECK(all_of_log(*storage, "").empty());
  }
  SUBCASE("every range, limit and end") {
    std::vector<TimePoint> times;
    for (int i = 0; i < 24; ++i) times.push_back(since_2023(i * 7 % 24 * 1'000));
    const Records records = append_at(*storage, "log", times);
    const std::optional<TimePoint> bounds[] = {
        std::nullopt,         since_2023(-1),     since_2023(0),
        since_2023(1),        since_2023(5'000),  since_2023(5'001),
        since_2023(23'000),   since_2023(23'001), at(0),
        since_2023(1LL << 40)};
    for (const auto& since : bounds) {
      for (const auto& until : bounds) {
        for (const std::size_t limit : {0UL, 1UL, 7UL, std::numeric_limits<std::size_t>::max()}) {
          for (const bool newest_first : {false, true}) {
            const LogRange range{since, until, limit, newest_first};
            CHECK(ok(storage->read_log("log", range)) == select(records, range));
          }
        }
      }
    }
  }
  SUBCASE("times from before 1970 to the year 2200, a microsecond apart") {
    const std::vector<TimePoint> times = {at(0),
                                          at(-1),
                                          at(1),
                                          at(-1'000'001),
                                          at(-999'999),
                                          at(999'999),
                                          at(1'000'000),
                                          at(1'000'001),
                                          since_2023(0),
                                          since_2023(1),
                                          since_2023(-1),
                                          at(-62'135'596'800'000'000 / 10),
                                          at(7'258'118'400'000'000)};
    const Records records = append_at(*storage, "log", times);
    CHECK(all_of_log(*storage, "log") == records);
    for (const LogRecord& record : records) {
      CHECK(ok(storage->get(log_key("log", record.time))) == record.value);
      const LogRange exactly{record.time, record.time + Micros{1}};
      CHECK(ok(storage->read_log("log", exactly)) == Records{record});
    }
  }
  SUBCASE("logs whose names begin alike, or hold what keys are made of, are apart") {
    const std::vector<std::string> names = {"a", "a:", "a:0.000001", "a:b", "ab", "", ":", "A"};
    std::vector<Records> records;
    for (const std::string& name : names) {
      records.push_back(append_at(*storage, name, {at(1), at(2), since_2023(0)}));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      CAPTURE(names[i]);
      CHECK(all_of_log(*storage, names[i]) == records[i]);
    }
  }
  SUBCASE("page by page from either end") {
    std::vector<TimePoint> times;
    for (int i = 0; i < 100; ++i) times.push_back(since_2023(i));
    const Records records = append_at(*storage, "log", times);
    Records forward;
    Records backward;
    LogRange range{.limit = 7};
    while (true) {
      const Records page = ok(storage->read_log("log", range));
      if (page.empty()) break;
      forward.insert(forward.end(), page.begin(), page.end());
      range.since = page.back().time + Micros{1};
    }
    range = {.limit = 7, .newest_first = true};
    while (true) {
      const Records page = ok(storage->read_log("log", range));
      if (page.empty()) break;
      backward.insert(backward.end(), page.begin(), page.end());
      range.until = page.back().time;
    }
    CHECK(forward == records);
    std::reverse(backward.begin(), backward.end());
    CHECK(backward == records);
  }
  SUBCASE("expired and removed records do not count against the limit") {
    Batch batch;
    Records live;
    for (int i = 0; i < 300; ++i) {
      const std::string value = std::to_string(i);
      const bool expires = i < 100 || i >= 200 || i % 4 == 0;
      batch.append("log", since_2023(i), value, expires ? kLife : kLongLife);
      if (!expires && i % 4 != 1) live.push_back({since_2023(i), value});
    }
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    Batch removals;
    for (int i = 1; i < 300; i += 4) removals.remove(log_key("log", since_2023(i)));
    REQUIRE(ok(storage->commit(removals)) == Commit::done);
    backend.advance(kWait);
    for (const std::size_t limit : {1UL, 10UL, 50UL, 1000UL}) {
      for (const bool newest_first : {false, true}) {
        const LogRange range{.limit = limit, .newest_first = newest_first};
        CHECK(ok(storage->read_log("log", range)) == select(live, range));
      }
    }
  }
  SUBCASE("the number of entries grows with every record") {
    CHECK(ok(storage->count_log("log")) == 0);
    for (std::uint64_t count = 1; count <= 3; ++count) {
      REQUIRE(ok(storage->commit(Batch().append("log", since_2023(static_cast<int>(count)),
                                                "v"))) == Commit::done);
      CHECK(ok(storage->count_log("log")) == count);
      CHECK(ok(storage->count_log("log")) == count);
    }
    REQUIRE(ok(storage->commit(Batch().append("logs", at(1), "v").set("log", "v"))) ==
            Commit::done);
    CHECK(ok(storage->count_log("log")) == 3);
    CHECK(ok(storage->count_log("logs")) == 1);
    REQUIRE(ok(storage->commit(Batch().remove(log_key("log", since_2023(2))))) == Commit::done);
    CHECK(ok(storage->count_log("log")) == 2);
  }
  SUBCASE("a record expires to the millisecond") {
    REQUIRE(
        ok(storage->commit(Batch().append("log", at(1), "1", kLife).append("log", at(2), "2"))) ==
        Commit::done);
    pass_life(backend, [&] { return all_of_log(*storage, "log").size() == 2; });
    CHECK(all_of_log(*storage, "log") == Records{{at(2), "2"}});
    CHECK_FALSE(ok(storage->exists(log_key("log", at(1)))));
  }
  SUBCASE("appends after many expired: the log holds what lives") {
    for (int round = 0; round < 3; ++round) {
      Batch batch;
      for (int i = 0; i < 50; ++i) batch.append("log", since_2023(round * 100 + i), "old", kLife);
      REQUIRE(ok(storage->commit(batch)) == Commit::done);
      backend.advance(kWait);
    }
    std::vector<TimePoint> times;
    for (int i = 0; i < 30; ++i) times.push_back(since_2023(1'000 + i));
    const Records records = append_at(*storage, "log", times);
    CHECK(all_of_log(*storage, "log") == records);
    CHECK(ok(scan_all_keys(*storage, "*")).size() == records.size());
  }
  SUBCASE("the key of a record is a key like others") {
    REQUIRE(ok(storage->commit(Batch().append("log", at(1), "1").append("log", at(2), "2"))) ==
            Commit::done);
    const std::string key = log_key("log", at(1));
    REQUIRE(storage->set(key, "new"));
    CHECK(all_of_log(*storage, "log") == Records{{at(1), "new"}, {at(2), "2"}});
    CHECK(ok(storage->expire(key, kLife)));
    CHECK(ok(storage->commit(Batch().set(log_key("log", at(2)), "3"))) == Commit::done);
    pass_life(backend, [&] { return all_of_log(*storage, "log").size() == 2; });
    CHECK(all_of_log(*storage, "log") == Records{{at(2), "3"}});
    CHECK(ok(storage->remove(log_key("log", at(2)))));
    CHECK(all_of_log(*storage, "log").empty());
  }
  SUBCASE("an empty record, a binary one, one of 10 MB") {
    const std::string large(10'000'000, '\x80');
    REQUIRE(ok(storage->commit(Batch()
                                   .append("log", at(1), "")
                                   .append("log", at(2), std::string("\0\xff", 2))
                                   .append("log", at(3), large))) == Commit::done);
    CHECK(all_of_log(*storage, "log") ==
          Records{{at(1), ""}, {at(2), std::string("\0\xff", 2)}, {at(3), large}});
  }
}

}  // namespace rz::storage
