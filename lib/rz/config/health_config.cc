#include "rz/config/sections.h"

namespace rz {

void read_health(MapReader& map, HealthOptions& options) {
  constexpr int kMaxThreshold = 1'000'000;
  map.duration("timeout", options.timeout, kTimeoutRange);
  map.integer("concurrency", options.concurrency, {1, 1024});
  map.duration("failure_window", options.failure_window,
               {std::chrono::seconds{1}, std::chrono::hours{24 * 30}});
  read_checks(map, options.checks);
  map.mapping("breaker", [&](MapReader& breaker) {
    BreakerOptions& o = options.breaker;
    breaker.integer("failure_threshold", o.failure_threshold, {1, kMaxThreshold});
    breaker.duration("recovery_timeout", o.recovery_timeout, kTimeoutRange);
    breaker.integer("success_threshold", o.success_threshold, {1, kMaxThreshold});
  });
  read_sinks(map, options.metrics);
}

}  // namespace rz
