#include "rz/fallback/history/history_follower.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/history/history_index.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;

/// A history in memory, and somebody who follows it.
struct HistoryFollowerFixture {
  ManualClock clock;
  storage::MemoryStorage memory{clock};
  storage::FaultyStorage storage{memory, clock};
  HistoryFollower follower{storage, clock, {}};

  void add(std::int64_t second) {
    Batch batch;
    TransitionLog(memory, Millis{std::chrono::hours{1000}})
        .append(batch, transition(at(second), Mode::primary, Mode::safe, "r", second));
    REQUIRE(ok(memory.commit(batch)) == Commit::done);
  }

  void remove(std::int64_t second) {
    REQUIRE(ok(memory.remove(log_key(kTransitionLog, at(second)))));
  }

  /// The seconds of the records that are new.
  std::vector<std::int64_t> look() {
    std::vector<std::int64_t> found;
    const auto looked = follower.look([&](std::span<const LogRecord> records) -> Result<void> {
      for (const LogRecord& record : records) {
        found.push_back(std::chrono::floor<std::chrono::seconds>(record.time - at(0)).count());
      }
      return {};
    });
    REQUIRE(looked);
    return found;
  }

  void wait(std::chrono::seconds time) { clock.advance(time); }
};

using Seconds = std::vector<std::int64_t>;

TEST_CASE_FIXTURE(HistoryFollowerFixture, "a record comes once, also if nothing happens") {
  CHECK(look().empty());
  add(1);
  add(2);
  CHECK(look() == Seconds{1, 2});
  CHECK(look().empty());
  add(3);
  CHECK(look() == Seconds{3});
  wait(std::chrono::hours{1});
  CHECK(look().empty());
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "a record that is added behind others comes, too") {
  for (const std::int64_t second : {10, 20, 30}) add(second);
  CHECK(look().size() == 3);
  wait(std::chrono::seconds{2});
  add(15);
  CHECK(look() == Seconds{15});
  // With one in front of it; and not at once, where everything was read just before.
  add(5);
  add(40);
  CHECK(look() == Seconds{40});
  wait(std::chrono::seconds{2});
  CHECK(look() == Seconds{5});
  CHECK(look().empty());
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "a record that is added while another goes comes late") {
  for (const std::int64_t second : {10, 20, 30}) add(second);
  CHECK(look().size() == 3);
  remove(20);
  add(15);
  CHECK(look().empty());
  wait(HistoryFollower::kLongestPause + std::chrono::seconds{1});
  CHECK(look() == Seconds{15});
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "a record that was seen and comes back is not new") {
  add(1);
  add(2);
  CHECK(look().size() == 2);
  remove(1);
  wait(std::chrono::seconds{2});
  CHECK(look().empty());
  add(1);
  wait(std::chrono::seconds{2});
  CHECK(look().empty());
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "the mark of the history is not a record") {
  add(1);
  REQUIRE(ok(HistoryIndex(memory, kRetention).ensure_mark()));
  CHECK(look() == Seconds{1});
  add(2);
  CHECK(look() == Seconds{2});
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "more than a page comes whole, and in order") {
  Seconds all;
  for (std::int64_t second = 0; second < 2500; ++second) {
    add(second);
    all.push_back(second);
  }
  CHECK(look() == all);
  CHECK(look().empty());
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "what was not taken comes again, whatever fails when") {
  for (std::size_t failing = 1; failing <= 8; ++failing) {
    CAPTURE(failing);
    add(static_cast<std::int64_t>(100 + failing));
    storage.inject(storage::Fault::failure(),
                   {.operation = Operation::read_log, .first = failing, .count = 1});
    Seconds taken;
    int tries = 0;
    // The third record cannot be taken at first.
    while (taken.empty() && ++tries < 20) {
      const auto looked = follower.look([&](std::span<const LogRecord> records) -> Result<void> {
        if (tries % 2 == 1) return fail(ErrorCode::unavailable, "full");
        for (const LogRecord& record : records) {
          taken.push_back(std::chrono::floor<std::chrono::seconds>(record.time - at(0)).count());
        }
        return {};
      });
      static_cast<void>(looked.has_value());
      wait(std::chrono::seconds{2});
    }
    storage.heal();
    CHECK(taken == Seconds{static_cast<std::int64_t>(100 + failing)});
    CHECK(look().empty());
  }
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "what an earlier reader has seen is not new") {
  for (const std::int64_t second : {10, 20, 30}) add(second);
  SeenPlaces seen;
  for (const std::int64_t second : {30, 10}) seen.add(at(second));
  HistoryFollower later(storage, clock, seen);
  Seconds found;
  REQUIRE(later.look([&](std::span<const LogRecord> records) -> Result<void> {
    for (const LogRecord& record : records) found.push_back((record.time - at(0)).count());
    return {};
  }));
  CHECK(found == Seconds{20'000'000});
}

TEST_CASE_FIXTURE(HistoryFollowerFixture, "while nothing happens the history is not read again") {
  for (std::int64_t second = 0; second < 100; ++second) add(second);
  look();
  const std::size_t before = storage.calls(Operation::read_log);
  for (int i = 0; i < 10; ++i) look();
  // The number of entries, and what is behind the newest record.
  CHECK(storage.calls(Operation::read_log) - before == 20);
}

TEST_CASE("places are kept in order, each once") {
  SeenPlaces seen;
  CHECK_FALSE(seen.newest());
  for (const std::int64_t second : {5, 1, 9, 5, 3, 9}) seen.add(at(second));
  CHECK(std::vector<TimePoint>(seen.all().begin(), seen.all().end()) ==
        std::vector{at(1), at(3), at(5), at(9)});
  for (const std::int64_t second : {1, 3, 5, 9}) CHECK(seen.contains(at(second)));
  for (const std::int64_t second : {0, 2, 10}) CHECK_FALSE(seen.contains(at(second)));
  CHECK(seen.newest() == at(9));
}

}  // namespace
}  // namespace rz::fallback
