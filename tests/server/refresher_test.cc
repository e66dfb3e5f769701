#include "rz/server/refresher.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "support/patience.h"

namespace rz::server {
namespace {

constexpr Millis kNever{std::chrono::hours{1}};

void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::sleep_for(Millis{1});
}

}  // namespace

TEST_CASE("it runs at once and again, one run at a time") {
  std::atomic<int> runs = 0;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Refresher refresher(
      [&] {
        most = std::max(most.load(), ++at_once);
        ++runs;
        --at_once;
      },
      Millis{0});
  wait_until([&] { return runs >= 1'000; });
  CHECK(refresher.stop(test::kPatience));
  CHECK(most == 1);
  const int stopped = runs;
  CHECK(refresher.state().ended == static_cast<std::uint64_t>(stopped));
  std::this_thread::yield();
  CHECK(runs == stopped);
}

TEST_CASE("new work is done at once, and the old one is destroyed") {
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  auto held = std::make_shared<int>(0);
  Refresher refresher([&first, held] { ++first; }, kNever);
  wait_until([&] { return refresher.state().ended == 1; });
  refresher.replace([&second] { ++second; }, kNever);
  wait_until([&] { return refresher.state().ended == 2; });
  wait_until([&] { return held.use_count() == 1; });
  CHECK(first == 1);
  CHECK(second == 1);
  CHECK(refresher.stop(test::kPatience));
}

TEST_CASE("work that is replaced while it runs is done to its end, then goes") {
  std::promise<void> go;
  std::atomic<int> second = 0;
  auto held = std::make_shared<int>(0);
  Refresher refresher([held, until = go.get_future().share()] { until.wait(); }, kNever);
  wait_until([&] { return refresher.state().running; });
  refresher.replace([&second] { ++second; }, kNever);
  CHECK(second == 0);
  CHECK(held.use_count() > 1);
  go.set_value();
  wait_until([&] { return second == 1; });
  wait_until([&] { return held.use_count() == 1; });
  CHECK(refresher.stop(test::kPatience));
}

TEST_CASE("a run that hangs holds up nobody, and is said to run") {
  std::promise<void> go;
  auto left = std::make_shared<std::atomic<int>>(0);
  {
    Refresher refresher(
        [left, until = go.get_future().share()] {
          until.wait();
          ++*left;
        },
        Millis{0});
    wait_until([&] { return refresher.state().running; });
    CHECK_FALSE(refresher.stop(Millis{1}));
    CHECK(refresher.state().running);
    CHECK(refresher.state().ended == 0);
  }
  go.set_value();
  wait_until([&] { return *left == 1; });
  wait_until([&] { return left.use_count() == 1; });
}

}  // namespace rz::server
