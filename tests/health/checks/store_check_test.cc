#include "rz/health/checks/store_check.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/redis/redis_storage.h"
#include "support/results.h"

namespace rz::health {
namespace {

CheckResult check_store(Result<Storage*> storage) {
  return make_store_check({}, [&storage] { return storage; })->check();
}

TEST_CASE("a store that answers is healthy") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  const auto result = check_store(&storage);
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == storage.description() + " answers");
  CHECK(result.metadata == Value::object({{"store", storage.description()}}));
}

TEST_CASE("a store that may lose what it is given is degraded, and says how") {
  struct Forgetful final : storage::StorageWrapper {
    using storage::StorageWrapper::StorageWrapper;
    Result<std::vector<std::string>> durability_warnings() override { return warnings; }
    Result<std::vector<std::string>> warnings;
  };
  ManualClock clock;
  storage::MemoryStorage memory(clock);
  Forgetful storage(memory);
  storage.warnings = std::vector<std::string>{"it evicts", "it forgets"};
  const auto result = check_store(&storage);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message == "memory: answers, but it evicts; it forgets");
  CHECK(*result.metadata.find("warnings") == Value::array({"it evicts", "it forgets"}));
  // Nothing false is said where it does not tell.
  storage.warnings = fail(ErrorCode::timeout, "no answer");
  CHECK(check_store(&storage).status == HealthStatus::healthy);
}

TEST_CASE("a store that can be read and not written to is unhealthy, whatever keeps it") {
  ManualClock clock;
  storage::MemoryStorage memory(clock);
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::timeout, ErrorCode::auth}) {
    storage::FaultyStorage storage(memory, clock);
    storage.inject(storage::Fault::failure(code),
                   {.operation = storage::FaultyStorage::Operation::set});
    const auto result = check_store(&storage);
    CHECK(result.status == HealthStatus::unhealthy);
    CHECK(result.message == "memory: answers, but cannot be written to: injected failure");
  }
}

TEST_CASE("a store that answers with an error is unhealthy, whatever the error") {
  ManualClock clock;
  storage::MemoryStorage memory(clock);
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::timeout, ErrorCode::auth,
                               ErrorCode::corrupt, ErrorCode::internal}) {
    storage::FaultyStorage storage(memory, clock);
    storage.inject(storage::Fault::failure(code),
                   {.operation = storage::FaultyStorage::Operation::health_check});
    const Error error = error_of(storage.health_check());
    const auto result = check_store(&storage);
    CHECK(result.status == HealthStatus::unhealthy);
    CHECK(result.message == to_string(error));
    CHECK(*result.metadata.find("store") == Value(storage.description()));
  }
}

TEST_CASE("a store that cannot be opened is unhealthy, with the reason") {
  const auto result = check_store(fail(ErrorCode::corrupt, "no database", "sqlite:///f"));
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "sqlite:///f: no database");
  CHECK(result.metadata == Value::object());
}

TEST_CASE("nothing is opened before the first check, and each check asks anew") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  int opened = 0;
  const auto store = make_store_check({}, [&]() -> Result<Storage*> {
    if (++opened == 1) return fail(ErrorCode::unavailable, "not yet");
    return &storage;
  });
  CHECK(opened == 0);
  CHECK(store->check().status == HealthStatus::unhealthy);
  CHECK(store->check().status == HealthStatus::healthy);
  CHECK(opened == 2);
}

TEST_CASE("a server that is not there is told without the password of its URL") {
  const auto storage = ok(storage::RedisStorage::from_config(
      {.url = "redis://user:hunter2@127.0.0.1:1/0", .timeout = Millis{5'000}, .max_retries = 0}));
  const auto result = check_store(storage.get());
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.find("127.0.0.1:1") != std::string::npos);
  CHECK(result.message.find("hunter2") == std::string::npos);
  CHECK(result.metadata.find("store")->as_string()->find("hunter2") == std::string::npos);
}

TEST_CASE("name, type and deadline are those of the options") {
  StoreCheckOptions options;
  options.name = "own store";
  options.timeout = Millis{1'234};
  const auto store =
      make_store_check(options, [] { return fail(ErrorCode::internal, "never asked"); });
  CHECK(store->name() == "own store");
  CHECK(store->type() == "store");
  CHECK(store->timeout() == Millis{1'234});
}

}  // namespace
}  // namespace rz::health
