#include <doctest/doctest.h>

#include "reading.h"

namespace rz {

TEST_CASE("the health section fills the health's options") {
  const HealthOptions health = testing::good(R"(
health:
  timeout: 10s
  concurrency: 4
  failure_window: 30m
  breaker: {failure_threshold: 3, recovery_timeout: 10s, success_threshold: 1}
)")
                                   .health;
  CHECK(health.timeout == Millis{10'000});
  CHECK(health.concurrency == 4);
  CHECK(health.failure_window == Millis{1'800'000});
  CHECK(health.breaker.failure_threshold == 3);
  CHECK(health.breaker.recovery_timeout == Millis{10'000});
  CHECK(health.breaker.success_threshold == 1);
  CHECK(testing::wrong("health: {concurrency: 0, breaker: {success_threshold: 0}}") ==
        "rz.yaml:1:23: health.concurrency: 0 is not from 1 to 1024\n"
        "rz.yaml:1:55: health.breaker.success_threshold: 0 is not from 1 to 1000000");
}

}  // namespace rz
