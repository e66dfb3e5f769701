#include "rz/health/make_check.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"

namespace rz::health {
namespace {

template <class Options>
CheckSpec named(std::string name) {
  Options options;
  options.name = std::move(name);
  options.timeout = Millis{77};
  options.tags = {"edge"};
  return options;
}

TEST_CASE("each description makes its check, in their order, with its options") {
  HealthOptions options;
  options.checks = {named<RedisCheckOptions>("r"), named<HttpCheckOptions>("h"),
                    named<DiskCheckOptions>("d"), named<ComponentCheckOptions>("c")};
  const auto checks = make_checks(options, {.storage = {}});
  REQUIRE(checks.size() == 4);
  const char* types[] = {"redis", "http", "disk", "component"};
  for (int i = 0; i < 4; ++i) {
    CHECK(checks[i].check->name() == options.checks[i].options().name);
    CHECK(checks[i].check->type() == types[i]);
    CHECK(checks[i].check->timeout() == Millis{77});
    CHECK(checks[i].options.tags == std::vector<std::string>{"edge"});
  }
}

TEST_CASE("without any, the disk and the store") {
  ManualClock clock;
  storage::MemoryStorage memory(clock);
  storage::FaultyStorage storage(memory, clock);
  const auto checks = make_checks({}, {.storage = [&]() -> Result<Storage*> { return &storage; }});
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].check->name() == "disk");
  HealthCheck& store = *checks[1].check;
  CHECK(store.name() == "store");
  CHECK(store.type() == "store");
  CHECK(store.check().status == HealthStatus::healthy);
  CHECK(store.check().message == "memory: answers");
  storage.inject(storage::Fault::failure());
  CHECK(store.check().status == HealthStatus::unhealthy);
}

TEST_CASE("a store that cannot be opened is an unhealthy store") {
  const auto checks = make_checks({}, {.storage = []() -> Result<Storage*> {
                                    return fail(ErrorCode::corrupt, "no database", "/x.db");
                                  }});
  const auto result = checks[1].check->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "/x.db: no database");
}

}  // namespace
}  // namespace rz::health
