#include "rz/health/checks/memory_check.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

CheckResult check_memory(MemoryUsage usage, const MemoryCheckOptions& options = {}) {
  return make_memory_check(options, [usage]() -> Result<MemoryUsage> { return usage; })->check();
}

MemoryUsage used(double percent) {
  return {.total_bytes = 8 * kGiB, .available_bytes = 2 * kGiB, .used_percent = percent};
}

TEST_CASE("memory: the limits belong to the worse side") {
  CHECK(check_memory(used(79.99)).status == HealthStatus::healthy);
  CHECK(check_memory(used(80)).status == HealthStatus::degraded);
  CHECK(check_memory(used(94.99)).status == HealthStatus::degraded);
  CHECK(check_memory(used(95)).status == HealthStatus::unhealthy);
  CHECK(check_memory(used(50)).message == "50.0 % used, 2.0 GiB available of 8.0 GiB");
  CHECK(check_memory(used(94.99)).message ==
        "94.9 % used, 2.0 GiB available of 8.0 GiB (warning from 80 %)");
}

TEST_CASE("memory: what is left counts in bytes too") {
  MemoryCheckOptions options;
  options.available_warning = 2 * kGiB;
  options.available_critical = kGiB;
  CHECK(check_memory(used(10), options).status == HealthStatus::healthy);
  options.available_warning = 3 * kGiB;
  CHECK(check_memory(used(10), options).status == HealthStatus::degraded);
  options.available_critical = 2 * kGiB + 1;
  const auto result = check_memory(used(10), options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "10.0 % used, 2.0 GiB available of 8.0 GiB (2.0 GiB available, critical below 2.0 GiB)");
}

TEST_CASE("memory: swap counts where there is any, and only if it is asked about") {
  MemoryUsage usage = used(10);
  usage.swap_used_percent = 99;
  usage.swap_total_bytes = kGiB;
  MemoryCheckOptions options;
  CHECK(check_memory(usage, options).status == HealthStatus::healthy);
  options.swap_warning = 50;
  CHECK(check_memory(usage, options).status == HealthStatus::degraded);
  options.swap_critical = 90;
  CHECK(check_memory(usage, options).status == HealthStatus::unhealthy);
  CHECK(
      check_memory(usage, options).message.ends_with("(99.0 % of swap used, critical from 90 %)"));
  usage.swap_total_bytes = 0;
  CHECK(check_memory(usage, options).status == HealthStatus::healthy);
}

TEST_CASE("memory: the limit of a control group is named") {
  MemoryUsage usage = used(10);
  usage.limited = true;
  CHECK(check_memory(usage).message ==
        "10.0 % used, 2.0 GiB available of 8.0 GiB, the limit of the control group");
}

TEST_CASE("memory: this machine can be measured, and what cannot is unknown") {
  const auto here = make_memory_check({})->check();
  CHECK(here.status != HealthStatus::unknown);
  CHECK(*here.metadata.find("total_bytes")->as_int() > 0);
  const auto nothing = make_memory_check({}, [] { return measure_memory("/no-such-root"); });
  CHECK(nothing->check().status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
