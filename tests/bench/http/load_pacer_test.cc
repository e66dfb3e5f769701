#include "rz/bench/http/load_pacer.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

namespace rz::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr LoadTime kStart{seconds{1'000}};

TEST_CASE("a closed loop sends as soon as there is room, until its time is over") {
  LoadOptions options;
  options.duration = Millis{1'000};
  const auto pacer = make_load_pacer(options, 4);
  pacer->begin(kStart);
  CHECK(pacer->next_due() == kNever);
  // The latency counts from when there was room, so that connecting again counts, too.
  CHECK(pacer->take(kStart + milliseconds{10}, kStart + milliseconds{3}) ==
        kStart + milliseconds{3});
  CHECK_FALSE(pacer->is_over(kStart + milliseconds{999}));
  CHECK(pacer->is_over(kStart + seconds{1}));
  CHECK_FALSE(pacer->take(kStart + seconds{1}, kStart));
}

TEST_CASE("requests of the warm-up are not among those that are counted") {
  LoadOptions options;
  options.warm_up = Millis{100};
  options.requests = 2;
  const auto pacer = make_load_pacer(options, 1);
  pacer->begin(kStart);
  CHECK(pacer->measured_from() == kStart + milliseconds{100});
  for (int i = 0; i < 5; ++i) CHECK(pacer->take(kStart, kStart));
  for (int i = 0; i < 2; ++i) CHECK(pacer->take(kStart + seconds{1}, kStart + seconds{1}));
  CHECK(pacer->is_over(kStart + seconds{1}));
  CHECK_FALSE(pacer->take(kStart + seconds{1}, kStart + seconds{1}));
}

/// Ten a second, for a second.
LoadOptions slow_open_loop() {
  LoadOptions options;
  options.rate = 10;
  options.duration = Millis{1'000};
  options.timeout = Millis{5'000};
  return options;
}

TEST_CASE("an open loop sends by its plan, and latency counts from there") {
  const auto pacer = make_load_pacer(slow_open_loop(), 4);
  pacer->begin(kStart);
  CHECK(pacer->next_due() == kStart);
  pacer->advance(kStart, 4);
  CHECK(pacer->take(kStart, kStart) == kStart);
  CHECK_FALSE(pacer->take(kStart, kStart));
  CHECK(pacer->next_due() == kStart + milliseconds{100});
  // The sender was held up for 250 ms: two are due, with the times that they were due at.
  pacer->advance(kStart + milliseconds{250}, 4);
  CHECK(pacer->waiting() == 2);
  CHECK(pacer->take(kStart + milliseconds{250}, kStart) == kStart + milliseconds{100});
  CHECK(pacer->take(kStart + milliseconds{250}, kStart) == kStart + milliseconds{200});
  CHECK(pacer->figures().lateness.max() == milliseconds{150});
  CHECK(pacer->figures().queued == 0);
}

TEST_CASE("what finds no connection is queued, then dropped, and each is counted once") {
  LoadOptions options = slow_open_loop();
  options.queue = 3;
  const auto pacer = make_load_pacer(options, 2);
  pacer->begin(kStart);
  // One of two connections is free, and ten become due: one to send, three to wait, six too many.
  pacer->advance(kStart + milliseconds{950}, 1);
  CHECK(pacer->waiting() == 4);
  CHECK(pacer->figures().queued == 3);
  CHECK(pacer->figures().dropped == 6);
  int sent = 0;
  while (pacer->take(kStart + seconds{1}, kStart)) ++sent;
  CHECK(sent == 4);
  CHECK(pacer->is_over(kStart + seconds{1}));
}

TEST_CASE("what waits for longer than the timeout is dropped") {
  LoadOptions options = slow_open_loop();
  options.queue = 100;
  const auto pacer = make_load_pacer(options, 1);
  pacer->begin(kStart);
  pacer->advance(kStart + seconds{1}, 0);
  CHECK(pacer->waiting() == 10);
  pacer->advance(kStart + milliseconds{5'450}, 0);
  CHECK(pacer->waiting() == 5);
  CHECK(pacer->figures().dropped == 5);
  pacer->advance(kStart + seconds{10}, 0);
  CHECK(pacer->is_over(kStart + seconds{10}));
  CHECK(pacer->figures().dropped == 10);
}

TEST_CASE("an open loop warms up at its first rate, and counts nothing of it") {
  LoadOptions options = slow_open_loop();
  options.warm_up = Millis{500};
  options.end_rate = 30;
  const auto pacer = make_load_pacer(options, 100);
  pacer->begin(kStart);
  pacer->advance(kStart + milliseconds{499}, 100);
  CHECK(pacer->waiting() == 5);
  CHECK(pacer->figures().lateness.empty());
  pacer->advance(kStart + seconds{2}, 100);
  CHECK(pacer->waiting() == 25);
  CHECK(pacer->figures().lateness.count() == 20);
  CHECK(pacer->next_due() == kNever);
}

TEST_CASE("a number of requests ends an open loop, too") {
  LoadOptions options = slow_open_loop();
  options.requests = 3;
  const auto pacer = make_load_pacer(options, 10);
  pacer->begin(kStart);
  pacer->advance(kStart + seconds{1}, 10);
  CHECK(pacer->waiting() == 3);
  CHECK(pacer->next_due() == kNever);
}

}  // namespace
}  // namespace rz::bench
