#include <algorithm>
#include <set>

#include "rz/base/text.h"
#include "rz/config/sections.h"
#include "rz/health/retry_tracker.h"

namespace rz {
namespace {

// The names that may report. A check on another name would wait for it for ever.
void read_components(MapReader& map, HealthOptions& options) {
  if (!map.texts("components", options.components)) return;
  std::set<std::string> known;
  for (const std::string& name : options.components) {
    if (name.empty() || printable(name) != name) {
      map.error("components", "a name is empty or holds characters that cannot be printed");
    } else if (!known.insert(name).second) {
      map.error("components", "'" + name + "' is there twice");
    }
  }
  if (options.components.empty()) return;
  for (const CheckSpec& spec : options.checks) {
    const auto* check = std::get_if<ComponentCheckOptions>(&spec);
    if (check == nullptr || check->component.empty() || known.contains(check->component)) continue;
    map.error("components", "lacks '" + printable(check->component) + "', which the check '" +
                                printable(check->name) + "' names" +
                                suggestion(check->component, options.components));
  }
}

}  // namespace

void read_health(MapReader& map, HealthOptions& options) {
  constexpr int kMaxThreshold = 1'000'000;
  map.duration("timeout", options.timeout, kTimeoutRange);
  map.integer("concurrency", options.concurrency, {1, 1024});
  map.duration("failure_window", options.failure_window,
               {std::chrono::seconds{1}, kLongestRetryWindow});
  read_checks(map, options.checks);
  read_components(map, options);
  map.mapping("breaker", [&](MapReader& breaker) {
    BreakerOptions& o = options.breaker;
    breaker.integer("failure_threshold", o.failure_threshold, {1, kMaxThreshold});
    breaker.duration("recovery_timeout", o.recovery_timeout, kTimeoutRange);
    breaker.integer("success_threshold", o.success_threshold, {1, kMaxThreshold});
    breaker.integer("probes", o.probes, {1, kMaxThreshold});
  });
  read_sinks(map, options.metrics);
}

}  // namespace rz
