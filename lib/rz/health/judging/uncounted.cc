#include "rz/health/judging/uncounted.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/health/judging/maintenance.h"
#include "rz/health/machine/uptime.h"

namespace rz::health {
namespace {

void note_maintenance(const CheckOptions& options, TimePoint now, CheckResult& result) {
  auto until = maintenance_until(options.maintenance, now);
  // What began in a window, and ended after it, was disturbed by what was done there.
  if (until && !*until) until = maintenance_until(options.maintenance, result.timestamp);
  if (!until) {
    result.message += " (no maintenance window applies: " + to_string(until.error()) + ")";
  } else if (*until) {
    result.metadata.set("maintenance", true);
    result.uncounted = "in maintenance until " + format_timestamp_seconds(**until);
  }
}

// Of what the check watches, as far as it tells.
Micros uptime_of(const CheckResult& result, Micros host) {
  const Value* own = result.metadata.find(kUptimeKey);
  const std::int64_t* seconds = own != nullptr ? own->as_int() : nullptr;
  // Longer than any machine has run; a check may say anything.
  constexpr std::int64_t kMost = 1'000'000'000'000;
  if (seconds == nullptr || *seconds < 0 || *seconds > kMost) return host;
  return std::min<Micros>(host, std::chrono::seconds{*seconds});
}

void note_start(const CheckOptions& options, Micros host_uptime, CheckResult& result) {
  if (options.start_period == Millis{0} || result.status == HealthStatus::healthy) return;
  const Micros uptime = uptime_of(result, host_uptime);
  if (uptime >= options.start_period) return;
  result.metadata.set("starting", true);
  result.uncounted = "started " + humanize_duration(uptime) + " ago, within the start_period of " +
                     format_duration(options.start_period);
}

}  // namespace

void note_uncounted(const CheckOptions& options, TimePoint now, Micros uptime,
                    CheckResult& result) {
  if (!result.uncounted.empty()) return;
  note_maintenance(options, now, result);
  if (result.uncounted.empty()) note_start(options, uptime, result);
}

}  // namespace rz::health
