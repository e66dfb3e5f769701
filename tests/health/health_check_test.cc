#include "rz/health/health_check.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

using enum HealthStatus;

TEST_CASE("a status is read as it is written, and nothing else is") {
  for (const HealthStatus status : {healthy, degraded, unhealthy, unknown}) {
    CHECK(parse_health_status(to_string(status)) == status);
  }
  for (const char* text : {"", "Healthy", "healthy ", "ok", "failed"}) {
    CHECK_FALSE(parse_health_status(text));
  }
}

TEST_CASE("the worst of two: unhealthy, degraded, unknown, healthy, from either side") {
  constexpr HealthStatus kOrder[] = {unhealthy, degraded, unknown, healthy};
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) CHECK(worst(kOrder[a], kOrder[b]) == kOrder[a < b ? a : b]);
  }
}

}  // namespace
}  // namespace rz::health
