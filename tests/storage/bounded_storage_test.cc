#include "rz/storage/bounded_storage.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "storage/storage_calls.h"
#include "storage/storage_contract.h"
#include "support/print.h"
#include "support/results.h"

namespace rz {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  ManualClock clock;
  MemoryStorage memory{clock};
  FaultyStorage store{memory, clock};
};

TEST_CASE_FIXTURE(Fixture, "a store that answers is asked each time") {
  BoundedStorage bounded(store, clock, 10s);
  CHECK(errors_of_all_calls(bounded).empty());
  CHECK(store.calls() == kAllCalls);
  CHECK(bounded.outage() == std::nullopt);
  CHECK(bounded.time_left() == 10s);
}

TEST_CASE_FIXTURE(Fixture, "once found away, it is not asked again until it is told to") {
  store.inject(Fault::lost_request(4s));
  BoundedStorage bounded(store, clock, 10s);
  CHECK(error_of(bounded.get("key")).code == ErrorCode::timeout);
  CHECK(bounded.time_left() == 6s);
  store.heal();
  const auto errors = errors_of_all_calls(bounded);
  CHECK(errors.size() == kAllCalls);
  for (const Error& error : errors) {
    // Nothing was asked, so the outcome is known.
    CHECK(error == Error{ErrorCode::unavailable, "injected timeout", "faulty store"});
  }
  CHECK(store.calls() == 1);
  CHECK(bounded.outage()->code == ErrorCode::timeout);
  bounded.forget_outage();
  CHECK(ok(bounded.get("key")) == std::nullopt);
}

TEST_CASE_FIXTURE(Fixture, "what is no outage does not end the asking") {
  store.inject(Fault::failure(ErrorCode::auth), {.count = 1});
  BoundedStorage bounded(store, clock, 10s);
  CHECK(code_of(bounded.get("key")) == ErrorCode::auth);
  CHECK(bounded.get("key").has_value());
}

TEST_CASE_FIXTURE(Fixture, "when the run's time is over, the store is not asked") {
  BoundedStorage bounded(store, clock, 10s);
  clock.advance(10s);
  CHECK(error_of(bounded.commit({})) == Error{ErrorCode::unavailable,
                                              "not asked: the 10s of this run are over",
                                              memory.description()});
  CHECK(store.calls() == 0);
  CHECK(bounded.time_left() == 0s);
  BoundedStorage endless(store, clock, std::nullopt);
  CHECK(endless.health_check());
  CHECK(endless.time_left() == std::nullopt);
  BoundedStorage long_one(store, clock, Millis::max());
  CHECK(long_one.health_check());
}

/// Keeps what it is bounded by.
class Ended final : public StorageWrapper {
 public:
  explicit Ended(Storage& target) : StorageWrapper(target) {}
  void set_end(std::optional<std::chrono::nanoseconds> new_end) override { end = new_end; }

  std::optional<std::chrono::nanoseconds> end;
};

TEST_CASE_FIXTURE(Fixture, "the store learns of the end of the run, and is freed from it") {
  Ended target(store);
  {
    const BoundedStorage bounded(target, clock, 10s);
    CHECK(target.end == clock.monotonic() + 10s);
  }
  CHECK(target.end == std::nullopt);
}

}  // namespace
}  // namespace rz
