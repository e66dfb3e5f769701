#include "rz/health/checks/pressure_check.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>

namespace rz::health {
namespace {

/// What the kernel tells of a resource over the last minute; of the other windows it is 1 %.
struct Told {
  double some = 0;
  double full = 0;
};

StalledShares shares_of(double minute) {
  StalledShares shares;
  shares[PressureWindow::ten_seconds] = shares[PressureWindow::five_minutes] = 1;
  shares[PressureWindow::minute] = minute;
  return shares;
}

CheckResult check_pressure(const std::map<std::string, Told, std::less<>>& told,
                           const PressureCheckOptions& options = {}) {
  return make_pressure_check(options,
                             [&](std::string_view resource) -> Result<Pressure> {
                               const auto found = told.find(resource);
                               const Told of = found == told.end() ? Told{} : found->second;
                               return Pressure{shares_of(of.some), shares_of(of.full)};
                             })
      ->check();
}

TEST_CASE("pressure: waiting is degraded, and memory that all wait for is unhealthy") {
  CHECK(check_pressure({{"cpu", {79.99, 0}}, {"memory", {19.99, 19.99}}}).status ==
        HealthStatus::healthy);
  CHECK(check_pressure({{"cpu", {100, 0}}}).status == HealthStatus::degraded);
  CHECK(check_pressure({{"io", {100, 100}}}).status == HealthStatus::degraded);
  const auto result = check_pressure({{"cpu", {12.5, 0}}, {"memory", {70, 60}}});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "waiting for cpu 12.5 %, memory 70.0 %, io 0.0 % of the last 1m (70.0 % waiting for "
        "memory, warning from 20 %; 60.0 % at a standstill for memory, critical from 60 %)");
  CHECK(*result.metadata.find("cpu_some_percent") == Value(12.5));
  CHECK(*result.metadata.find("memory_full_percent") == Value(60.0));
  CHECK(result.metadata.find("cpu_full_percent") == nullptr);
}

TEST_CASE("pressure: a limit whose measure is missing is not passed over") {
  const auto result = make_pressure_check({}, [](std::string_view) -> Result<Pressure> {
                        return Pressure{shares_of(0), std::nullopt};
                      })->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.find("all tasks waited for memory") != std::string::npos);
}

TEST_CASE("pressure: the limits are those of the window that is asked about") {
  PressureCheckOptions options;
  options.io_critical = 1;
  options.window = PressureWindow::ten_seconds;
  const auto result = check_pressure({{"cpu", {100, 0}}}, options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "waiting for cpu 1.0 %, memory 1.0 %, io 1.0 % of the last 10s (1.0 % waiting for io, "
        "critical from 1 %)");
}

TEST_CASE("pressure: a kernel that does not tell is unknown, with the option that it needs") {
  const auto none = make_pressure_check({}, [](std::string_view resource) {
                      return measure_pressure(resource, "/no-such-root");
                    })->check();
  CHECK(none.status == HealthStatus::unknown);
  CHECK(none.message.find("/no-such-root/proc/pressure/cpu: ") == 0);
  CHECK(none.message.find("psi=1") != std::string::npos);
}

TEST_CASE("pressure: that of this machine is told, if its kernel does") {
  const auto here = make_pressure_check({})->check();
  const bool told = std::filesystem::exists("/proc/pressure/io");
  CHECK((here.status != HealthStatus::unknown) == told);
  CHECK((here.metadata.find("io_full_percent") != nullptr) == told);
}

}  // namespace
}  // namespace rz::health
