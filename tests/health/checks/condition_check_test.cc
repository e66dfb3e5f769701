#include "rz/health/checks/condition_check.h"

#include <doctest/doctest.h>

#include "support/print.h"

namespace rz::health {
namespace {

CheckResult result_of(const std::string& name, HealthStatus status, Value metadata = {}) {
  CheckResult result;
  result.name = name;
  result.status = status;
  if (metadata.as_object()) result.metadata = std::move(metadata);
  return result;
}

/// What `condition` makes of the results of checks, of which it is given those that it names.
CheckResult judge(const std::string& condition, const std::vector<CheckResult>& results) {
  ConditionCheckOptions options;
  options.name = "both";
  options.when = condition;
  const auto found = find_combined_checks(options);
  REQUIRE_MESSAGE(found, found.error().message);
  std::vector<const CheckResult*> named;
  for (const std::string& name : options.combines) {
    for (const CheckResult& result : results) {
      if (result.name == name) named.push_back(&result);
    }
  }
  return make_condition_check(options)->combine(named);
}

const CheckResult kDisk = result_of(
    "disk", HealthStatus::healthy,
    Value::object({{"usage_percent", 85.5},
                   {"path", "/data"},
                   {"flaky", true},
                   {"perfdata", Value::object({{"time", Value::object({{"value", 2}})}})}}));

TEST_CASE("a condition over statuses and measurements is judged with the values that it used") {
  auto result = judge("`disk.status` == \"healthy\" and `disk.usage_percent` < 90", {kDisk});
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "as expected: disk.status is \"healthy\", disk.usage_percent is 85.5");
  CHECK(*result.metadata.find("disk.usage_percent") == Value(85.5));

  result = judge("`disk.status` == \"healthy\" and `disk.usage_percent` < 80", {kDisk});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "expected `disk.status` == \"healthy\" and `disk.usage_percent` < 80, but disk.status is "
        "\"healthy\", disk.usage_percent is 85.5");
}

TEST_CASE("strings, booleans and values further inside are compared as what they are") {
  for (const char* right :
       {"`disk.path` == \"/data\"", "\"/data\" == `disk.path`", "`disk.path` in [\"/\", \"/data\"]",
        "`disk.path` not in [\"/\"]", "`disk.flaky`", "not (not `disk.flaky`)",
        "`disk.flaky` == true", "`disk.perfdata.time.value` == 2", "`disk.usage_percent` > 80 + 5",
        "not `disk.skipped`"}) {
    CAPTURE(right);
    const auto result = judge(right, {kDisk});
    CHECK(result.status == HealthStatus::healthy);
  }
}

TEST_CASE("a value that is missing, or of another type than is needed, is unknown") {
  auto result = judge("`disk.inodes` < 5", {kDisk});
  CHECK(result.status == HealthStatus::unknown);
  CHECK(
      result.message ==
      "variable 'disk.inodes' has no value (disk has usage_percent, path, flaky, status, message, "
      "type, latency_ms, skipped)");
  CHECK(judge("`disk.path` < 5", {kDisk}).status == HealthStatus::unknown);
  CHECK(judge("`disk.perfdata` < 5", {kDisk}).status == HealthStatus::unknown);
}

TEST_CASE("what is false while a check is unknown might be true") {
  const auto a = result_of("a", HealthStatus::unhealthy);
  const auto b = result_of("b", HealthStatus::unknown);
  const std::string either = "`a.status` == \"healthy\" or `b.status` == \"healthy\"";
  const auto result = judge(either, {a, b});
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        "cannot tell while b is unknown: a.status is \"unhealthy\", b.status is \"unknown\"");
  CHECK(judge(either, {a, result_of("b", HealthStatus::degraded)}).status ==
        HealthStatus::unhealthy);
  CHECK(judge(either, {result_of("a", HealthStatus::healthy), b}).status == HealthStatus::healthy);
}

TEST_CASE("the checks are found in the condition, each once") {
  ConditionCheckOptions options;
  options.when = "`web-1.latency_ms` < 5 and (`db.up` or `web-1.status` != \"unknown\")";
  REQUIRE(find_combined_checks(options));
  CHECK(options.combines == std::vector<std::string>{"web-1", "db"});

  for (const char* wrong : {"severity > 2", "true", "`disk.status` ==", "`.x` > 1", "`x.` > 1"}) {
    CAPTURE(wrong);
    options.when = wrong;
    CHECK_FALSE(find_combined_checks(options));
  }
}

}  // namespace
}  // namespace rz::health
