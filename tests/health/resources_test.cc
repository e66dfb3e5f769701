#include "rz/health/resources.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/base/file.h"
#include "rz/health/machine/cpu_use.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

TEST_CASE("each resource is judged by its own limits, which belong to the worse side") {
  CHECK(judge_resources({.cpu = 89.9}).cpu == "healthy");
  CHECK(judge_resources({.cpu = 90}).cpu == "warning");
  CHECK(judge_resources({.cpu = 100}).cpu == "warning");
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
  CHECK(judge_resources({.cpu = 95, .memory = 85, .disk = 99}).overall == "critical");
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
  limits.cpu_critical = 100;
  CHECK(judge_resources({.cpu = 100}, limits).cpu == "critical");
  CHECK(judge_resources({.disk = 15}, limits).disk == "warning");
  CHECK(judge_resources({.disk = 25}, limits).disk == "critical");
}

TEST_CASE("this machine can be measured") {
  const TempFolder folder;
  // As if the CPUs had done nothing yet two seconds ago.
  const auto before = sample_cpu();
  if (before) {
    REQUIRE(write_file(folder / "cpu", R"([{"source":")" + before->source + R"(","at_seconds":)" +
                                           std::to_string(before->at_seconds - 2) +
                                           R"(,"busy_seconds":0,"cpus":1}])"));
  }
  const auto usage = ResourceMeter(folder / "cpu")();
  // In a group with a quota whose use no other hierarchy counts there is nothing to be told.
  REQUIRE(usage.cpu.has_value() == before.has_value());
  REQUIRE(usage.memory);
  REQUIRE(usage.disk);
  if (usage.cpu) CHECK((*usage.cpu >= 0 && *usage.cpu <= 100));
  CHECK((*usage.memory > 0 && *usage.memory < 100));
  CHECK((*usage.disk >= 0 && *usage.disk <= 100));
}

}  // namespace
}  // namespace rz::health
