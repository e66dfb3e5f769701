#include "rz/health/checks/disk_check.h"

#include <doctest/doctest.h>

#include "rz/health/disk_usage.h"
#include "support/print.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

CheckResult check_disk(double used, double inodes = 0) {
  DiskCheckOptions options;
  options.path = "/data";
  return make_disk_check(options,
                         [=](const std::string& path) -> Result<DiskUsage> {
                           CHECK(path == "/data");
                           return DiskUsage{1000 * 1024, 10 * 1024, used, inodes};
                         })
      ->check();
}

TEST_CASE("the limits belong to the worse side") {
  CHECK(check_disk(79.99).status == HealthStatus::healthy);
  CHECK(check_disk(80).status == HealthStatus::degraded);
  CHECK(check_disk(94.99).status == HealthStatus::degraded);
  CHECK(check_disk(95).status == HealthStatus::unhealthy);
  CHECK(check_disk(100).status == HealthStatus::unhealthy);
}

TEST_CASE("the message tells what was measured and which limit it passed") {
  CHECK(check_disk(50).message == "/data: 50.0 % used, 10.0 KiB free");
  CHECK(check_disk(80).message == "/data: 80.0 % used, 10.0 KiB free (warning from 80 %)");
  // Rounded down: 94.99 is not yet 95.
  CHECK(check_disk(94.99).message == "/data: 94.9 % used, 10.0 KiB free (warning from 80 %)");
  CHECK(check_disk(97).message == "/data: 97.0 % used, 10.0 KiB free (critical from 95 %)");
}

TEST_CASE("inodes run out like space does") {
  const auto result = check_disk(10, 96);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "/data: 10.0 % used, 10.0 KiB free, 96.0 % of inodes used (critical from 95 %)");
  CHECK(*result.metadata.find("inodes_percent")->as_double() == 96);
}

TEST_CASE("what cannot be measured is unknown") {
  const TempFolder folder;
  DiskCheckOptions options;
  options.path = folder / "missing";
  const auto result = make_disk_check(options)->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == options.path + ": No such file or directory");
}

}  // namespace
}  // namespace rz::health
