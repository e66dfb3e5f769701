#include "rz/fallback/offline/host_time.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"

namespace rz::fallback {

using std::chrono::seconds;

TEST_CASE("how long ago something was is known whatever the clock says, until the next start") {
  ManualClock clock{at(0)};
  const HostTime then = HostTime::of(clock);
  clock.advance(seconds{5});
  clock.set_now(at(-3600));
  const HostTime now = HostTime::of(clock);
  CHECK(now.now == at(-3600));
  CHECK(time_since(then.uptime, now.uptime) == seconds{5});
  CHECK_FALSE(time_since(now.uptime, then.uptime));
  Uptime earlier = then.uptime;
  earlier.boot = "an earlier start";
  CHECK_FALSE(time_since(earlier, now.uptime));
  CHECK_FALSE(time_since(HostTime(at(0)).uptime, now.uptime));
  CHECK_FALSE(time_since(Uptime{}, Uptime{}));
}

TEST_CASE("an uptime is kept whole, and an unknown one takes no room") {
  Value object = Value::object();
  add_members(object, {"boot", seconds{7}});
  CHECK(uptime_of(object) == Uptime{"boot", seconds{7}});
  Value none = Value::object();
  add_members(none, Uptime{});
  CHECK(none == Value::object());
  CHECK(uptime_of(none) == Uptime{});
}

}  // namespace rz::fallback
