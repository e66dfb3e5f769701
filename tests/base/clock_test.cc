#include "rz/base/clock.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace rz {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the system's clock tells UTC and never runs backwards") {
  SystemClock& clock = SystemClock::instance();
  const auto before = std::chrono::floor<Micros>(std::chrono::system_clock::now());
  const TimePoint now = clock.now();
  CHECK(now >= before);
  CHECK(now <= std::chrono::system_clock::now());

  auto last = clock.monotonic();
  for (int i = 0; i < 1'000; ++i) {
    const auto next = clock.monotonic();
    CHECK(next >= last);
    last = next;
  }
}

TEST_CASE("sleeping takes at least the time asked for") {
  SystemClock& clock = SystemClock::instance();
  const auto start = clock.monotonic();
  clock.sleep_for(2ms);
  CHECK(clock.monotonic() - start >= 2ms);
  clock.sleep_for(-1s);  // Returns at once.
}

TEST_CASE("a manual clock stands still until it is moved") {
  ManualClock clock;
  CHECK(clock.now() == TimePoint{1'700'000'000s});
  CHECK(clock.monotonic() == 0ns);
  CHECK(clock.now() == clock.now());

  clock.advance(1500us);
  CHECK(clock.now() == TimePoint{1'700'000'000s} + 1500us);
  CHECK(clock.monotonic() == 1'500'000ns);

  clock.sleep_for(1h);
  CHECK(clock.monotonic() == 1h + 1500us);
}

TEST_CASE("setting UTC back leaves the monotonic face alone") {
  ManualClock clock(TimePoint{100s});
  clock.advance(10s);
  clock.set_now(TimePoint{50s});
  CHECK(clock.now() == TimePoint{50s});
  CHECK(clock.monotonic() == 10s);
}

TEST_CASE("moves from several threads add up") {
  ManualClock clock(TimePoint{0s});
  std::vector<std::thread> movers;
  for (int i = 0; i < 4; ++i) {
    movers.emplace_back([&] {
      for (int k = 0; k < 1'000; ++k) clock.advance(1us);
    });
  }
  for (std::thread& mover : movers) mover.join();
  CHECK(clock.now() == TimePoint{4'000us});
  CHECK(clock.monotonic() == 4'000us);
}

}  // namespace
}  // namespace rz
