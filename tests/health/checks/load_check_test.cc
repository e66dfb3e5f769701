#include "rz/health/checks/load_check.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

CheckResult check_load(const LoadAverages& averages, const LoadCheckOptions& options = {}) {
  return make_load_check(options, [averages]() -> Result<LoadAverages> { return averages; })
      ->check();
}

TEST_CASE("the load of five minutes has limits per CPU") {
  CHECK(check_load({{100, 7.9, 100}, 4}).status == HealthStatus::healthy);
  CHECK(check_load({{0, 8, 0}, 4}).status == HealthStatus::degraded);
  CHECK(check_load({{0, 39, 0}, 4}).status == HealthStatus::degraded);
  CHECK(check_load({{0, 40, 0}, 4}).status == HealthStatus::unhealthy);
  const auto result = check_load({{1, 8, 2}, 4});
  CHECK(result.message ==
        "load 0.25, 2.00, 0.50 over 1, 5 and 15 minutes, per CPU of 4 (load5 warning from 2)");
  CHECK(*result.metadata.find("load15") == Value(0.5));
}

TEST_CASE("each of the three loads has its limits, of the machine if that is asked") {
  LoadCheckOptions options;
  options.per_cpu = false;
  options.load5_warning.reset();
  options.load5_critical.reset();
  options.load1_critical = 4;
  options.load15_warning = 1.5;
  CHECK(check_load({{3.9, 50, 1.4}, 4}, options).status == HealthStatus::healthy);
  const auto result = check_load({{4, 50, 1.5}, 4}, options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "load 4.00, 50.00, 1.50 over 1, 5 and 15 minutes (load1 critical from 4; load15 warning "
        "from 1.5)");
}

TEST_CASE("the load of this machine can be measured, and one that cannot is unknown") {
  const auto here = measure_load();
  REQUIRE(here.has_value());
  CHECK(here->cpus >= 1);
  const auto none = make_load_check(
      {}, []() -> Result<LoadAverages> { return fail_own_side(ErrorCode::unavailable, "no"); });
  CHECK(none->check().status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
