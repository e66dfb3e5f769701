#include "rz/health/resources.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

TEST_CASE("each resource is judged by its own limits, which belong to the worse side") {
  CHECK(judge_resources({.cpu = 199.9}).cpu == "healthy");
  CHECK(judge_resources({.cpu = 200}).cpu == "warning");
  CHECK(judge_resources({.cpu = 1000}).cpu == "critical");
  CHECK(judge_resources({.memory = 79.9}).memory == "healthy");
  CHECK(judge_resources({.memory = 80}).memory == "warning");
  CHECK(judge_resources({.memory = 95}).memory == "critical");
  CHECK(judge_resources({.disk = 79.9}).disk == "healthy");
  CHECK(judge_resources({.disk = 80}).disk == "warning");
  CHECK(judge_resources({.disk = 95}).disk == "critical");
}

TEST_CASE("the overall status is the worst that is known") {
  CHECK(judge_resources({.cpu = 1, .memory = 1, .disk = 1}).overall == "healthy");
  CHECK(judge_resources({.cpu = 1, .memory = 85, .disk = 1}).overall == "warning");
  CHECK(judge_resources({.cpu = 250, .memory = 85, .disk = 99}).overall == "critical");
  CHECK(judge_resources({.memory = 1}).overall == "healthy");
}

TEST_CASE("what cannot be told is unknown, and nothing told is not available") {
  const auto some = judge_resources({.memory = 50.5});
  CHECK(some.available);
  CHECK(some.cpu == "unknown");
  CHECK(some.memory_percent == 50.5);
  const auto none = judge_resources({});
  CHECK_FALSE(none.available);
  CHECK(none.overall == "unknown");
}

TEST_CASE("limits can be others") {
  ResourceLimits limits;
  limits.disk_warning = 10;
  limits.disk_critical = 20;
  CHECK(judge_resources({.disk = 15}, limits).disk == "warning");
  CHECK(judge_resources({.disk = 25}, limits).disk == "critical");
}

TEST_CASE("this machine can be measured") {
  const auto usage = measure_resources();
  REQUIRE(usage.cpu);
  REQUIRE(usage.memory);
  REQUIRE(usage.disk);
  CHECK(*usage.cpu >= 0);
  CHECK((*usage.memory > 0 && *usage.memory < 100));
  CHECK((*usage.disk >= 0 && *usage.disk <= 100));
}

}  // namespace
}  // namespace rz::health
