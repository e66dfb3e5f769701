#include "rz/fallback/history/transition_log.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "fallback/fallback_support.h"
#include "rz/base/timestamp.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;

/// A log on a store of its own.
struct TransitionLogFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  TransitionLog log{storage, kRetention};

  void add(const Transition& record) {
    Batch batch;
    log.append(batch, record);
    REQUIRE(ok(storage.commit(batch)) == Commit::done);
  }

  /// `count` records, one a second from 0 on, each a step down or up again.
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      const bool down = i % 2 == 0;
      add(transition(at(i), down ? Mode::primary : Mode::safe, down ? Mode::safe : Mode::primary,
                     down ? "multiple_failures(2)" : "Recovered", i + 1));
    }
  }

  /// As the old system did: a string, no index.
  void add_legacy(const std::string& time, const std::string& timestamp,
                  const std::string& reason) {
    REQUIRE(storage.set("fallback:transition:" + time,
                        R"({"timestamp":")" + timestamp +
                            R"(","from":"primary","to":"safe","reason":")" + reason + "\"}"));
  }

  std::vector<std::int64_t> epochs(const TransitionQuery& query) {
    std::vector<std::int64_t> found;
    for (const Transition& record : ok(log.list(query))) found.push_back(record.epoch.value_or(0));
    return found;
  }

  std::vector<std::string> reasons(const TransitionQuery& query = {}) {
    std::vector<std::string> found;
    for (const Transition& record : ok(log.list(query))) found.push_back(record.reason);
    return found;
  }
};

using Epochs = std::vector<std::int64_t>;
using Reasons = std::vector<std::string>;

TEST_CASE_FIXTURE(TransitionLogFixture, "an empty log") {
  CHECK(ok(log.list({})).empty());
  CHECK_FALSE(ok(log.index().has_unindexed()));
}

TEST_CASE_FIXTURE(TransitionLogFixture, "selections") {
  fill(6);
  CHECK(epochs({}) == Epochs{1, 2, 3, 4, 5, 6});
  CHECK(epochs({.newest_first = true}) == Epochs{6, 5, 4, 3, 2, 1});
  CHECK(epochs({.limit = 2}) == Epochs{5, 6});
  CHECK(epochs({.limit = 2, .newest_first = true}) == Epochs{6, 5});
  CHECK(epochs({.limit = 0}).empty());
  CHECK(epochs({.limit = 100}) == Epochs{1, 2, 3, 4, 5, 6});
  CHECK(epochs({.since = at(2)}) == Epochs{3, 4, 5, 6});
  CHECK(epochs({.until = at(2)}) == Epochs{1, 2});
  CHECK(epochs({.since = at(1), .until = at(4), .newest_first = true}) == Epochs{4, 3, 2});
  CHECK(epochs({.since = at(4), .until = at(1)}).empty());
  CHECK(epochs({.from = Mode::safe}) == Epochs{2, 4, 6});
  CHECK(epochs({.to = Mode::safe, .limit = 2}) == Epochs{3, 5});
  CHECK(epochs({.to = Mode::heuristic}).empty());
  CHECK(epochs({.reason = "rECOV"}) == Epochs{2, 4, 6});
  CHECK(epochs({.from = Mode::safe, .reason = "failures"}).empty());
}

TEST_CASE_FIXTURE(TransitionLogFixture, "pages join without a gap or an overlap") {
  fill(2345);
  const auto forward = epochs({});
  REQUIRE(forward.size() == 2345);
  CHECK(std::is_sorted(forward.begin(), forward.end(), std::less_equal<>()));
  auto backward = epochs({.newest_first = true});
  std::reverse(backward.begin(), backward.end());
  CHECK(backward == forward);
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "the newest so many, whatever their number, are the end of all of them") {
  Batch batch;
  for (int i = 0; i < 2200; ++i) {
    log.append(batch, transition(at(i), Mode::primary, i % 3 == 0 ? Mode::safe : Mode::heuristic,
                                 "new " + std::to_string(i), i + 1));
  }
  REQUIRE(ok(storage.commit(batch)) == Commit::done);
  // Of the same time as records of the index, twice each; one of them cannot be read.
  for (int i = 0; i < 2200; i += 100) {
    for (const char* ending : {".0", ".00"}) {
      add_legacy(std::to_string(1'700'000'000 + i) + ending, format_timestamp(at(i)),
                 std::string("old ") + ending);
    }
  }
  REQUIRE(storage.set("fallback:transition:1700000500.000", "{"));
  const auto visited = [&](const TransitionQuery& query) {
    std::vector<Transition> seen;
    REQUIRE(log.visit(
        query,
        [&](const Transition& record) {
          seen.push_back(record);
          return true;
        },
        [](const std::string&, const Error&) {}));
    return seen;
  };
  for (const auto to : {std::optional<Mode>(), std::optional(Mode::heuristic)}) {
    const auto all = visited({.to = to});
    const std::size_t size = all.size();
    for (const std::size_t limit : {999UL, 1000UL, 1001UL, 1019UL, 1020UL, 1021UL, 1022UL, 1023UL,
                                    1024UL, 1400UL, size - 1, size, size + 1, SIZE_MAX / 2}) {
      CAPTURE(limit);
      const auto newest = visited({.to = to, .limit = limit});
      const std::size_t count = std::min(limit, size);
      CHECK(newest == std::vector(all.end() - static_cast<std::ptrdiff_t>(count), all.end()));
    }
  }
}

TEST_CASE_FIXTURE(TransitionLogFixture, "a visitor that has seen enough ends the walk") {
  fill(5);
  int seen = 0;
  REQUIRE(log.visit(
      {}, [&](const Transition&) { return ++seen < 3; }, [](const std::string&, const Error&) {}));
  CHECK(seen == 3);
}

TEST_CASE_FIXTURE(TransitionLogFixture, "the newest ten of an indexed log cost one read of ten") {
  fill(500);
  REQUIRE(ok(log.index().reindex()) == 0);
  storage::FaultyStorage counting(storage, clock);
  TransitionLog counted(counting, kRetention);
  CHECK(ok(counted.list({.limit = 10})).size() == 10);
  CHECK(counting.calls(Operation::read_log) == 2);  // The mark, and the page.
  CHECK(counting.calls(Operation::scan_keys) == 0);
  CHECK(counting.calls(Operation::get_many) == 0);
}

TEST_CASE_FIXTURE(TransitionLogFixture, "a record lives as long as the retention") {
  fill(1);
  clock.advance(kRetention - Millis{1});
  CHECK(epochs({}) == Epochs{1});
  clock.advance(Millis{1});
  CHECK(epochs({}).empty());
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "a record that cannot be read is reported with its key, and the rest comes") {
  fill(2);
  Batch batch;
  batch.append("fallback:transition", at(0) + Millis{500}, "{\"half", kRetention);
  REQUIRE(ok(storage.commit(batch)) == Commit::done);
  std::vector<std::string> keys;
  std::vector<std::int64_t> seen;
  REQUIRE(log.visit(
      {},
      [&](const Transition& record) {
        seen.push_back(*record.epoch);
        return true;
      },
      [&](const std::string& key, const Error& error) {
        keys.push_back(key);
        CHECK(error.code == ErrorCode::corrupt);
      }));
  CHECK(seen == Epochs{1, 2});
  CHECK(keys == Reasons{"fallback:transition:1700000000.500000"});

  const auto list = log.list({});
  REQUIRE(code_of(list) == ErrorCode::corrupt);
  CHECK(list.error().where == "fallback:transition:1700000000.500000");
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "records of the old system come in their order, without an index") {
  add_legacy("1700000000.5", "2023-11-14T22:13:20.500000", "old 0.5");
  add_legacy("1700000002.0", "2023-11-14T22:13:22", "old 2");
  add_legacy("1699999999.123457", "2023-11-14T22:13:19.123457", "old -1");
  add(transition(at(0), Mode::primary, Mode::safe, "new 0", 1));
  add(transition(at(1), Mode::safe, Mode::primary, "new 1", 2));
  CHECK(ok(log.index().has_unindexed()));
  CHECK(reasons() == Reasons{"old -1", "new 0", "old 0.5", "new 1", "old 2"});
  CHECK(reasons({.newest_first = true}) == Reasons{"old 2", "new 1", "old 0.5", "new 0", "old -1"});
  CHECK(reasons({.limit = 2}) == Reasons{"new 1", "old 2"});
  CHECK(reasons({.since = at(0), .until = at(1)}) == Reasons{"new 0", "old 0.5"});
  CHECK(reasons({.reason = "OLD", .limit = 1}) == Reasons{"old 2"});
}

TEST_CASE_FIXTURE(TransitionLogFixture, "a key that ends in no time is another's") {
  REQUIRE(storage.set("fallback:transition:notes", "mine"));
  REQUIRE(storage.set("fallback:transition:", "mine"));
  CHECK_FALSE(ok(log.index().has_unindexed()));
  CHECK(ok(log.list({})).empty());
  CHECK(ok(log.index().reindex()) == 0);
  CHECK(ok(storage.get("fallback:transition:notes")) == "mine");
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "a record of the old system that cannot be read is reported too") {
  REQUIRE(storage.set("fallback:transition:1700000000.5", "not json"));
  add_legacy("1700000001.5", "2023-11-14T22:13:21.500000", "good");
  std::vector<std::string> keys;
  int seen = 0;
  REQUIRE(log.visit(
      {}, [&](const Transition&) { return ++seen > 0; },
      [&](const std::string& key, const Error&) { keys.push_back(key); }));
  CHECK(keys == Reasons{"fallback:transition:1700000000.5"});
  CHECK(seen == 1);
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "reindex keeps every record and its content, and the scan ends") {
  add_legacy("1700000000.5", "2023-11-14T22:13:20.500000", "short key");
  add_legacy("1700000002.250000", "2023-11-14T22:13:22.250000", "full key");
  add(transition(at(1), Mode::safe, Mode::primary, "new", 1));
  const auto before = reasons();

  CHECK(ok(log.index().reindex()) == 2);
  CHECK(reasons() == before);
  CHECK(reasons() == Reasons{"short key", "new", "full key"});
  CHECK_FALSE(ok(log.index().has_unindexed()));
  CHECK(ok(log.index().is_complete()));
  CHECK(ok(storage.read_log("fallback:transition", {.until = HistoryIndex::kMarkPlace})).size() ==
        3);
  CHECK(ok(log.list({})).front().legacy());

  CHECK(ok(log.index().reindex()) == 0);
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "reindex finds what an old system wrote after everything was indexed") {
  CHECK(ok(log.index().reindex()) == 0);
  add_legacy("1700000000.5", "2023-11-14T22:13:20.500000", "late");
  CHECK(reasons().empty());
  CHECK(ok(log.index().reindex()) == 1);
  CHECK(reasons() == Reasons{"late"});
}

TEST_CASE_FIXTURE(TransitionLogFixture,
                  "reindex finds another place where a record's own is taken") {
  add(transition(at(0) + Millis{500}, Mode::safe, Mode::primary, "indexed", 1));
  add_legacy("1700000000.5", "2023-11-14T22:13:20.500000", "old");
  CHECK(ok(log.index().reindex()) == 1);
  CHECK(reasons().size() == 2);
  const auto records =
      ok(storage.read_log("fallback:transition", {.until = HistoryIndex::kMarkPlace}));
  REQUIRE(records.size() == 2);
  CHECK(records[1].time - records[0].time == Micros{1});
  // The record itself still says when it was.
  CHECK(ok(log.list({})).back().timestamp == at(0) + Millis{500});
}

TEST_CASE_FIXTURE(TransitionLogFixture, "reindex may be interrupted anywhere and run again") {
  for (int i = 0; i < 5; ++i) {
    add_legacy("1700000000." + std::to_string(i + 1),
               "2023-11-14T22:13:20." + std::to_string(i + 1) + "00000", std::to_string(i));
  }
  const auto before = reasons();
  // Each run comes one call further than the one before it.
  bool done = false;
  for (std::size_t calls = 1; !done && calls < 100; ++calls) {
    for (const storage::Fault& fault :
         {storage::Fault::failure(), storage::Fault::lost_answer(Micros{1})}) {
      storage::FaultyStorage failing(storage, clock);
      failing.inject(fault, {.operation = std::nullopt, .first = calls});
      done = TransitionLog(failing, kRetention).index().reindex().has_value();
      REQUIRE(reasons() == before);
      if (done) break;
    }
  }
  CHECK(done);
  CHECK_FALSE(ok(log.index().has_unindexed()));
}

TEST_CASE_FIXTURE(TransitionLogFixture, "a store that fails is an error, not an empty history") {
  fill(3);
  storage::FaultyStorage failing(storage, clock);
  failing.inject(storage::Fault::failure());
  CHECK(code_of(TransitionLog(failing, kRetention).list({})) == ErrorCode::unavailable);
  failing.heal();
  failing.inject(storage::Fault::failure(),
                 {.operation = storage::FaultyStorage::Operation::read_log});
  CHECK(code_of(TransitionLog(failing, kRetention).list({.limit = 1})) == ErrorCode::unavailable);
}

TEST_CASE("a list is the filter of all records, whatever was written by whom") {
  CHECK(rc::check([] {
    TransitionLogFixture fixture;
    std::vector<Transition> all;
    const auto seconds = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 30));
    for (const int second : seconds) {
      const auto to = *rc::gen::element(Mode::primary, Mode::heuristic, Mode::safe);
      Transition record = transition(at(second), Mode::primary, to, "r", second);
      if (*rc::gen::arbitrary<bool>()) {
        fixture.add(record);
      } else {
        record.epoch.reset();
        // Python's str() of a float that is whole.
        const std::string time = std::to_string(1'700'000'000 + second) + ".0";
        RC_ASSERT(fixture.storage.set("fallback:transition:" + time, encode(record)).has_value());
      }
      all.push_back(record);
    }
    std::sort(all.begin(), all.end(),
              [](const Transition& a, const Transition& b) { return a.timestamp < b.timestamp; });
    if (*rc::gen::arbitrary<bool>()) RC_ASSERT(fixture.log.index().reindex().has_value());

    TransitionQuery query;
    query.since = *rc::gen::element<std::optional<TimePoint>>(std::nullopt, at(5), at(20));
    query.until = *rc::gen::element<std::optional<TimePoint>>(std::nullopt, at(10), at(25));
    query.to = *rc::gen::element<std::optional<Mode>>(std::nullopt, Mode::safe, Mode::primary);
    query.limit = *rc::gen::element<std::optional<std::size_t>>(std::nullopt, 0u, 1u, 3u, 100u);
    query.newest_first = *rc::gen::arbitrary<bool>();

    TransitionDecoder decoder;
    std::erase_if(
        all, [&](const Transition& record) { return !query.matches(decoder.view_of(record)); });
    if (query.limit && all.size() > *query.limit) {
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(*query.limit));
    }
    if (query.newest_first) std::reverse(all.begin(), all.end());
    const auto listed = fixture.log.list(query);
    RC_ASSERT(listed.has_value());
    RC_ASSERT(*listed == all);
  }));
}

}  // namespace
}  // namespace rz::fallback
