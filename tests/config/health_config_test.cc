#include <doctest/doctest.h>

#include <cmath>

#include "reading.h"

namespace rz::config {

TEST_CASE("the health section fills the health's options") {
  const HealthOptions health = testing::good(R"(
health:
  timeout: 10s
  concurrency: 4
  failure_window: 30m
  breaker: {failure_threshold: 3, recovery_timeout: 10s, success_threshold: 1, probes: 3}
  components: [worker, payments]
)")
                                   .health;
  CHECK(health.timeout == Millis{10'000});
  CHECK(health.concurrency == 4);
  CHECK(health.failure_window == Millis{1'800'000});
  CHECK(health.breaker.failure_threshold == 3);
  CHECK(health.breaker.recovery_timeout == Millis{10'000});
  CHECK(health.breaker.success_threshold == 1);
  CHECK(health.breaker.probes == 3);
  CHECK(health.components == std::vector<std::string>{"worker", "payments"});
  CHECK(testing::wrong("health: {concurrency: 0, breaker: {success_threshold: 0}}") ==
        "rz.yaml:1:23: health.concurrency: 0 is not from 1 to 1024\n"
        "rz.yaml:1:55: health.breaker.success_threshold: 0 is not from 1 to 1000000");
}

TEST_CASE("the names that may report are checked, and hold for the checks") {
  CHECK(testing::wrong("health: {components: [a, b, a]}") ==
        "rz.yaml:1:22: health.components: 'a' is listed twice; keep one");
  CHECK(testing::wrong("health: {components: [\"\"]}") ==
        "rz.yaml:1:22: health.components: a name is empty or holds characters that cannot be "
        "printed");
  const std::string checks = "  checks: [{type: component, name: w, component: wroker}]\n";
  CHECK(testing::wrong("health:\n" + checks + "  components: [worker]\n") ==
        "rz.yaml:3:15: health.components: does not list 'wroker', which the check 'w' names; did "
        "you mean "
        "'worker'?");
  CHECK(testing::wrong("health:\n" + checks + "  components: []\n") == "");
}

TEST_CASE("limits of the resources are one or two percents, in order") {
  const ResourceLimits limits =
      testing::good("health: {resources: {cpu: [80%, 99.5%], disk: [70%]}}").health.resources;
  CHECK(limits.cpu_warning == 80);
  CHECK(limits.cpu_critical == 99.5);
  CHECK(limits.memory_warning == 80);
  CHECK(limits.memory_critical == 95);
  CHECK(limits.disk_warning == 70);
  CHECK(std::isinf(limits.disk_critical));
  CHECK(std::isinf(testing::good("").health.resources.cpu_critical));
  const auto told = [](const std::string& list) {
    return testing::wrong("health: {resources: {memory: " + list + "}}");
  };
  CHECK(told("[]").ends_with("memory: expected one or two percents, as [80%, 95%]"));
  CHECK(told("[1%, 2%, 3%]").ends_with("memory: expected one or two percents, as [80%, 95%]"));
  CHECK(told("[95%, 80%]").ends_with("memory: the first, for a warning, is above the second"));
  CHECK(told("[lots]").find("lots") != std::string::npos);
}

}  // namespace rz::config
