// Many at once, and answers that are lost: one transition, one callback.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/base/file.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"
#include "storage/child_process.h"
#include "support/patient_store.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;

/// Adds a line to the file in one write, as processes that share it must.
ModeCallback note_in(const std::string& path) {
  return [path](const Transition& transition) -> Result<void> {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    const std::string line = std::to_string(*transition.epoch) + "\n";
    if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      return fail(ErrorCode::unavailable, "no note");
    }
    return {};
  };
}

using OpenStore = std::function<Result<std::unique_ptr<Storage>>()>;

/// 24 processes see the same failure at once.
void check_one_transition_of_many(const OpenStore& open) {
  const TempFolder folder;
  const std::string notes = folder / "notes";
  CHECK(storage::race_processes(24, [&](int) {
          const auto storage = open();
          if (!storage) return 1;
          FallbackManager manager(**storage);
          manager.register_mode_callback(Mode::safe, note_in(notes));
          const auto outcome = manager.cascade(failed(2));
          return outcome && outcome->after.mode == Mode::safe && outcome->after.epoch == 1 ? 0 : 2;
        }) == 24);
  CHECK(content_of(notes) == "1\n");
  const auto storage = ok(open());
  FallbackManager manager(*storage);
  CHECK(ok(manager.transitions_log()).size() == 1);
  CHECK(ok(manager.status()).after.epoch == 1);
}

/// 8 processes that disagree about the health: each transition that was won has one callback and
/// one record, and the records are one chain.
void check_one_chain_of_many(const OpenStore& open) {
  const TempFolder folder;
  const std::string notes = folder / "notes";
  CHECK(storage::race_processes(8, [&](int child) {
          const auto storage = open();
          if (!storage) return 1;
          FallbackManager manager(**storage);
          for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
            manager.register_mode_callback(mode, note_in(notes));
          }
          for (int i = 0; i < 10; ++i) {
            const HealthState health = (child + i) % 2 == 0 ? failed(2) : kHealthy;
            if (!manager.cascade(health)) return 2;
          }
          return 0;
        }) == 8);
  const auto storage = ok(open());
  FallbackManager manager(*storage);
  const auto log = ok(manager.transitions_log(1000));
  std::multiset<std::string> expected;
  std::multiset<std::string> noted;
  Mode mode = Mode::primary;
  for (const Transition& record : log) {
    expected.insert(std::to_string(expected.size() + 1));
    CHECK(record.epoch == static_cast<std::int64_t>(expected.size()));
    CHECK(record.from == mode);
    mode = record.to;
  }
  const std::string lines = content_of(notes);
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    noted.insert(lines.substr(at, end - at));
    at = end + 1;
  }
  CHECK(noted == expected);
  const Evaluation status = ok(manager.status());
  CHECK(status.after.mode == mode);
  CHECK(status.after.epoch == static_cast<std::int64_t>(log.size()));
}

TEST_CASE("processes on one SQLite file") {
  const TempFolder folder;
  const OpenStore open = [&] { return test::open_patiently(folder / "rz.db"); };
  SUBCASE("one transition of many") { check_one_transition_of_many(open); }
  SUBCASE("one chain of many") { check_one_chain_of_many(open); }
}

TEST_CASE("processes on one Redis") {
  const test::RedisServer server;
  const OpenStore open = [&] { return open_storage({.url = server.url()}); };
  SUBCASE("one transition of many") { check_one_transition_of_many(open); }
  SUBCASE("one chain of many") { check_one_chain_of_many(open); }
}

TEST_CASE("threads that share a manager") {
  storage::MemoryStorage storage;
  FallbackManager manager(storage);
  std::atomic<int> callbacks{0};
  std::atomic<int> changes{0};
  std::atomic<int> errors{0};
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    manager.register_mode_callback(mode, [&](const Transition&) -> Result<void> {
      ++callbacks;
      return {};
    });
  }
  std::vector<std::thread> threads;
  for (int child = 0; child < 8; ++child) {
    threads.emplace_back([&, child] {
      for (int i = 0; i < 50; ++i) {
        const auto outcome = manager.cascade((child + i) % 2 == 0 ? failed(2) : kHealthy);
        if (!outcome || !manager.status()) ++errors;
        if (outcome && outcome->changed()) ++changes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(errors == 0);
  CHECK(changes == callbacks);
  CHECK(ok(manager.status()).after.epoch == changes);
  CHECK(ok(manager.transitions_log(1000)).size() == static_cast<std::size_t>(changes));
}

/// A manager behind a store that fails as it is told to.
struct Faulty {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  storage::FaultyStorage faulty{storage, clock};
  FallbackManager manager{faulty, {}, clock};
  int callbacks = 0;

  Faulty() {
    for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
      manager.register_mode_callback(mode, [this](const Transition&) -> Result<void> {
        ++callbacks;
        return {};
      });
    }
  }
};

TEST_CASE_FIXTURE(Faulty,
                  "the commit took effect, its answer was lost: one transition, one callback") {
  for (int i = 1; i <= 4; ++i) {
    CAPTURE(i);
    faulty.inject(storage::Fault::lost_answer(std::chrono::seconds{5}),
                  {.operation = Operation::commit, .first = 1, .count = 1});
    const Evaluation outcome = ok(manager.cascade(i % 2 == 1 ? failed(2) : kHealthy));
    CHECK(outcome.changed());
    CHECK(outcome.after.epoch == i);
    CHECK(callbacks == i);
    CHECK(ok(manager.transitions_log()).size() == static_cast<std::size_t>(i));
    faulty.heal();
  }
}

TEST_CASE_FIXTURE(Faulty, "the commit was lost on its way: it is done again, once") {
  faulty.inject(storage::Fault::lost_request(std::chrono::seconds{5}),
                {.operation = Operation::commit, .first = 1, .count = 1});
  const Evaluation outcome = ok(manager.cascade(failed(2)));
  CHECK(outcome.changed());
  CHECK(outcome.after.epoch == 1);
  CHECK(callbacks == 1);
  CHECK(ok(manager.transitions_log()).size() == 1);
}

TEST_CASE_FIXTURE(Faulty,
                  "a lost answer, and another process that was first, is no transition of ours") {
  FallbackManager other(storage, {}, clock);
  // Another process decides the same just before our commit, whose answer is then lost.
  class Interloper final : public storage::StorageWrapper {
   public:
    Interloper(Storage& target, FallbackManager& other)
        : storage::StorageWrapper(target), other_(other) {}
    Result<Commit> commit(const Batch& batch) override {
      if (!done_) {
        done_ = true;
        if (auto first = other_.cascade(failed(2)); !first) return fail(first.error());
        if (auto lost = target().commit(batch); !lost) return lost;
        return fail(ErrorCode::timeout, "no answer");
      }
      return target().commit(batch);
    }

   private:
    FallbackManager& other_;
    bool done_ = false;
  } interloper(storage, other);
  FallbackManager late(interloper, {}, clock);
  late.register_mode_callback(Mode::safe, [this](const Transition&) -> Result<void> {
    ++callbacks;
    return {};
  });
  const Evaluation outcome = ok(late.cascade(failed(2)));
  CHECK(outcome.after.mode == Mode::safe);
  CHECK_FALSE(outcome.changed());
  CHECK(outcome.after.epoch == 1);
  CHECK(callbacks == 0);
  CHECK(ok(manager.transitions_log()).size() == 1);
}

TEST_CASE_FIXTURE(Faulty,
                  "our commit took effect, its answer was lost, and another went on from it") {
  FallbackManager other(storage, {}, clock);
  class GoesOn final : public storage::StorageWrapper {
   public:
    GoesOn(Storage& target, FallbackManager& other)
        : storage::StorageWrapper(target), other_(other) {}
    Result<Commit> commit(const Batch& batch) override {
      auto won = target().commit(batch);
      if (done_ || !won) return won;
      done_ = true;
      if (auto next = other_.cascade(kHealthy); !next) return fail(next.error());
      return fail(ErrorCode::timeout, "no answer");
    }

   private:
    FallbackManager& other_;
    bool done_ = false;
  } goes_on(storage, other);
  FallbackManager ours(goes_on, {}, clock);
  ours.register_mode_callback(Mode::safe, [this](const Transition&) -> Result<void> {
    ++callbacks;
    return {};
  });
  const Evaluation outcome = ok(ours.cascade(failed(2)));
  CHECK(outcome.changed());
  CHECK(outcome.after.epoch == 1);
  CHECK(callbacks == 1);
  CHECK(ok(manager.transitions_log()).size() == 2);
  CHECK(mode_in(manager) == Mode::primary);
}

TEST_CASE_FIXTURE(Faulty, "a store that goes away with the answer: the worse mode is answered") {
  faulty.inject(storage::Fault::failure(), {.operation = Operation::commit});
  faulty.inject(storage::Fault::failure(), {.operation = Operation::get, .first = 2});
  const Evaluation outcome = ok(manager.cascade(failed(2)));
  CHECK(outcome.after.mode == Mode::safe);
  CHECK(outcome.store.unrecorded);
  CHECK(callbacks == 1);
  faulty.heal();
  CHECK(ok(manager.status()).after.epoch == 0);
}

TEST_CASE_FIXTURE(Faulty, "what the store said last is what a mode must be worse than") {
  ok(manager.set_mode("safe"));
  callbacks = 0;
  faulty.inject(storage::Fault::failure(), {.operation = Operation::commit});
  // It is pinned, so nothing is to be written.
  CHECK_FALSE(ok(manager.cascade(circuit_open(60))).store.unrecorded);
  CHECK(code_of(manager.release()) == ErrorCode::unavailable);
  CHECK(callbacks == 0);
}

TEST_CASE_FIXTURE(Faulty, "a commit that never comes through ends, and an order is an error") {
  faulty.inject(storage::Fault::failure(), {.operation = Operation::commit});
  CHECK(code_of(manager.set_mode("safe")) == ErrorCode::unavailable);
  CHECK(callbacks == 0);
  CHECK(ok(manager.transitions_log()).empty());
}

TEST_CASE_FIXTURE(Faulty, "a failure at any call leaves no half of a transition") {
  bool done = false;
  for (std::size_t call = 1; !done && call < 50; ++call) {
    CAPTURE(call);
    Faulty fresh;
    fresh.faulty.inject(storage::Fault::failure(), {.operation = std::nullopt, .first = call});
    const Evaluation outcome = ok(fresh.manager.cascade(failed(2)));
    CHECK(outcome.after.mode == Mode::safe);
    CHECK(fresh.callbacks == 1);
    done = !outcome.store.unrecorded && outcome.after.callbacks_owed == 0;
    fresh.faulty.heal();
    const std::int64_t epoch = ok(fresh.manager.status()).after.epoch;
    CHECK(ok(fresh.manager.transitions_log()).size() == static_cast<std::size_t>(epoch));
    CHECK(epoch == (outcome.store.unrecorded ? 0 : 1));
  }
  CHECK(done);
}

TEST_CASE_FIXTURE(Faulty, "the first commit of a new store marks its log as indexed") {
  ok(manager.cascade(failed(2)));
  CHECK(ok(TransitionLog(storage, Millis{1}).index().is_complete()));
  const std::size_t scans = faulty.calls(Operation::scan_keys);
  ok(manager.cascade(kHealthy));
  ok(manager.transitions_log());
  CHECK(faulty.calls(Operation::scan_keys) == scans);
}

TEST_CASE_FIXTURE(Faulty, "records of an old system keep the log from being marked") {
  REQUIRE(storage.set(
      "fallback:transition:1690000000.5",
      R"({"timestamp":"2023-07-22T04:26:40.5","from":"PRIMARY","to":"SAFE","reason":"old"})"));
  ok(manager.cascade(failed(2)));
  CHECK_FALSE(ok(TransitionLog(storage, Millis{1}).index().is_complete()));
  const auto log = ok(manager.transitions_log());
  REQUIRE(log.size() == 2);
  CHECK(log[0].legacy());
  CHECK(log[1].epoch == 1);
}

}  // namespace
}  // namespace rz::fallback
