#include "rz/fallback/offline/host_time.h"

#include "rz/base/json_members.h"
#include "rz/fallback/identity.h"

namespace rz::fallback {

Uptime Uptime::of(const Clock& clock) {
  return {boot_name(), std::chrono::duration_cast<Micros>(clock.monotonic())};
}

std::optional<Micros> time_since(const Uptime& then, const Uptime& now) {
  if (then.boot.empty() || then.boot != now.boot || then.monotonic > now.monotonic) {
    return std::nullopt;
  }
  return now.monotonic - then.monotonic;
}

HostTime HostTime::of(const Clock& clock) {
  HostTime time(clock.now());
  time.uptime = Uptime::of(clock);
  return time;
}

void add_members(Value& object, const Uptime& uptime) {
  if (uptime.boot.empty()) return;
  object.set("boot", uptime.boot);
  object.set("uptime_us", static_cast<std::int64_t>(uptime.monotonic.count()));
}

Uptime uptime_of(const Value& object) {
  return {text_or(object, "boot"), Micros{integer_or(object, "uptime_us")}};
}

}  // namespace rz::fallback
