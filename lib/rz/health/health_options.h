#pragma once

#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_spec.h"
#include "rz/health/resource_limits.h"
#include "rz/metrics/sink_spec.h"

#pragma GCC visibility push(default)
namespace rz {

struct BreakerOptions {
  int failure_threshold = 5;        ///< Consecutive failures that open it.
  Millis recovery_timeout{60'000};  ///< How long it stays open before it is half open.
  int success_threshold = 2;        ///< Successes in a row that close it from half open.
  int probes = 1;                   ///< Calls that are allowed at a time while it is half open.
};

struct HealthOptions {
  Millis timeout{30'000};  ///< How long a run of all checks may take.
  int concurrency = 512;   ///< How many checks run at the same time, at most 64 with a thread each.
  Millis failure_window{std::chrono::hours{1}};
  std::vector<CheckSpec> checks;        ///< Empty: the disk of `/` and the store.
  std::vector<std::string> components;  ///< The names that may report; empty: any.
  int max_components = 10'000;          ///< How many components there may be.
  ResourceLimits resources;
  BreakerOptions breaker;
  std::vector<SinkSpec> metrics;
};

}  // namespace rz
#pragma GCC visibility pop
