#include "rz/net/fiber_loop.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/clock.h"
#include "rz/net/resolver.h"
#include "rz/net/transport.h"
#include "support/descriptor_limit.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

Deadline far() { return steady_clock::now() + test::kPatience; }

// Runs `tasks` in a loop on this thread.
void run_all(const std::vector<std::function<void()>>& tasks) {
  const auto loop = ok(FiberLoop::make());
  for (const auto& task : tasks) loop->add(task);
  loop->close();
  loop->run();
}

std::pair<UniqueFd, UniqueFd> socket_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

int wait_for_byte(int fd, Deadline deadline) {
  pollfd entry{fd, POLLIN, 0};
  return current_waiter().wait({&entry, 1}, deadline);
}

TEST_CASE("a fiber that waits for another gets its turn when that is done") {
  // Each passes a byte on to the next, the last to the first, a hundred times round. One after the
  // other they would never end.
  constexpr int kFibers = 100;
  std::vector<std::pair<UniqueFd, UniqueFd>> links;
  for (int i = 0; i < kFibers; ++i) links.push_back(socket_pair());
  std::vector<std::function<void()>> tasks;
  int passed = 0;
  for (int i = 0; i < kFibers; ++i) {
    tasks.emplace_back([&, i] {
      const int from = links[static_cast<std::size_t>(i)].first.get();
      const int to = links[static_cast<std::size_t>((i + 1) % kFibers)].second.get();
      for (int round = 0; round < 100; ++round) {
        char byte = 'x';
        if (i > 0 || round > 0) {
          REQUIRE(wait_for_byte(from, far()) == 1);
          REQUIRE(::read(from, &byte, 1) == 1);
        }
        REQUIRE(::write(to, &byte, 1) == 1);
        ++passed;
      }
    });
  }
  run_all(tasks);
  CHECK(passed == 100 * kFibers);
}

TEST_CASE("sleeping fibers sleep at the same time, each for its own time") {
  std::string order;
  const auto sleeper = [&](char name, Millis time) {
    return [&order, name, time] {
      SystemClock::instance().sleep_for(time);
      order += name;
    };
  };
  run_all({sleeper('c', Millis{60}), sleeper('a', Millis{0}), sleeper('b', Millis{20})});
  CHECK(order == "abc");
}

TEST_CASE("a wait ends at its deadline, with the errors of poll and without a descriptor") {
  const auto pair = socket_pair();
  const auto& here = pair.first;
  int silent = -2;
  int over = -2;
  int bad = -2;
  int bad_errno = 0;
  int file = -2;
  run_all({[&] { silent = wait_for_byte(here.get(), steady_clock::now() + Millis{5}); },
           [&] { over = wait_for_byte(here.get(), steady_clock::now()); },
           [&] {
             bad = wait_for_byte(1'000'000, far());
             bad_errno = errno;
           },
           [&] {
             const UniqueFd regular(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
             file = wait_for_byte(regular.get(), far());
           }});
  CHECK(silent == 0);
  CHECK(over == 0);
  CHECK(bad == -1);
  CHECK(bad_errno == EBADF);
  CHECK(file == 1);
}

TEST_CASE("several fibers wait for one descriptor, each for its own events") {
  auto pair = socket_pair();
  auto& here = pair.first;
  auto& there = pair.second;
  // As much as fits, so that it can be read and not be written to.
  const std::string block(1 << 16, 'x');
  while (::write(here.get(), block.data(), block.size()) > 0) {
  }
  int readers = 0;
  bool writable = false;
  const auto reader = [&] {
    if (wait_for_byte(here.get(), far()) == 1) ++readers;
  };
  run_all({reader, reader,
           [&] {
             pollfd entry{here.get(), POLLOUT, 0};
             writable = current_waiter().wait({&entry, 1}, far()) == 1 && readers == 2;
           },
           [&] {
             SystemClock::instance().sleep_for(Millis{5});
             REQUIRE(::write(there.get(), "x", 1) == 1);
             SystemClock::instance().sleep_for(Millis{5});
             std::string sink(1 << 16, '\0');
             while (::read(there.get(), sink.data(), sink.size()) > 0) {
             }
           }});
  CHECK(readers == 2);
  CHECK(writable);
}

TEST_CASE("connections, reads and look-ups of hundreds of fibers take one thread") {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto before = threads();
  constexpr int kFibers = 300;
  auto pair = socket_pair();
  auto& wake_up = pair.first;
  auto& all = pair.second;
  int waiting = 0;
  int done = 0;
  std::ptrdiff_t most = 0;
  std::vector<std::function<void()>> tasks;
  for (int i = 0; i < kFibers; ++i) {
    tasks.emplace_back([&] {
      if (!resolve("localhost", 1, far())) return;
      // The last one has all others waiting.
      if (++waiting == kFibers) {
        most = threads();
        REQUIRE(::write(all.get(), "x", 1) == 1);
      }
      if (wait_for_byte(wake_up.get(), far()) == 1) ++done;
    });
  }
  run_all(tasks);
  CHECK(done == kFibers);
  CHECK(most <= before + static_cast<std::ptrdiff_t>(kMaxLookUpThreads));
}

TEST_CASE("tasks come from any thread, until the loop is closed") {
  const auto loop = ok(FiberLoop::make());
  std::thread thread([&] { loop->run(); });
  std::atomic<int> ended = 0;
  for (int i = 0; i < 100; ++i) {
    loop->add([&] {
      SystemClock::instance().sleep_for(Millis{1});
      ++ended;
    });
    if (i % 10 == 0) std::this_thread::yield();
  }
  loop->close();
  thread.join();
  CHECK(ended == 100);
}

// Computes for so long, and returns how long it was.
std::chrono::nanoseconds compute(Millis time) {
  const auto begin = steady_clock::now();
  while (steady_clock::now() < begin + time) {
  }
  return steady_clock::now() - begin;
}

std::chrono::nanoseconds held_up() { return current_waiter().held_up(); }

TEST_CASE("what another one computes is told to those that it holds up, and to nobody else") {
  const auto pair = socket_pair();
  const auto& here = pair.first;
  const auto& there = pair.second;
  std::chrono::nanoseconds computed{0}, own{-1}, reader{0}, sleeper{0}, idle{-1};
  run_all({[&] {
             REQUIRE(wait_for_byte(here.get(), far()) == 1);
             reader = held_up();
           },
           [&] {
             SystemClock::instance().sleep_for(Millis{1});
             sleeper = held_up();
           },
           [&] {
             const auto before = held_up();
             REQUIRE(::write(there.get(), "x", 1) == 1);
             computed = compute(Millis{20});
             own = held_up() - before;
           }});
  CHECK(reader >= computed);
  // It slept for a millisecond of it, at least.
  CHECK(sleeper >= computed - Millis{19} - Millis{1});
  CHECK(own == std::chrono::nanoseconds{0});
  std::thread([&] { idle = held_up(); }).join();
  CHECK(idle == std::chrono::nanoseconds{0});
}

TEST_CASE("a task begins only when no other can go on") {
  const auto pair = socket_pair();
  const auto& here = pair.first;
  const auto& there = pair.second;
  std::string order;
  run_all({[&] {
             REQUIRE(wait_for_byte(here.get(), far()) == 1);
             order += "went on,";
           },
           [&] {
             order += "wrote,";
             REQUIRE(::write(there.get(), "x", 1) == 1);
           },
           [&] { order += "began"; }});
  CHECK(order == "wrote,went on,began");
}

TEST_CASE("some that can always go on keep nobody from beginning") {
  bool begun = false;
  const auto busy = [&] {
    pollfd always{::open("/dev/null", O_RDONLY | O_CLOEXEC), POLLIN, 0};
    const UniqueFd owned(always.fd);
    while (!begun) REQUIRE(current_waiter().wait({&always, 1}, far()) == 1);
  };
  run_all({busy, busy, [&] { begun = true; }});
  CHECK(begun);
}

TEST_CASE("the loop tells whose turn it is, and when it is idle") {
  const auto loop = ok(FiberLoop::make());
  CHECK(!loop->busy());
  const auto pair = socket_pair();
  std::optional<FiberLoop::Busy> inside;
  std::promise<void> had_its_turn;
  const auto before = steady_clock::now();
  std::thread thread([&] { loop->run(); });
  loop->add(
      [&] {
        inside = loop->busy();
        had_its_turn.set_value();
        wait_for_byte(pair.first.get(), far());
      },
      7);
  loop->close();
  had_its_turn.get_future().wait();
  while (loop->busy()) std::this_thread::yield();
  REQUIRE(::write(pair.second.get(), "x", 1) == 1);
  thread.join();
  REQUIRE(inside);
  CHECK(inside->task == 7);
  CHECK(inside->task_since >= before);
  CHECK(inside->since <= inside->task_since);
  CHECK(!loop->busy());
}

TEST_CASE("a call may go as deep as the library does, and exceptions stay in their fiber") {
  const std::function<int(int)> deep = [&](int levels) -> int {
    volatile char frame[256] = {};
    return levels == 0 ? frame[0] : deep(levels - 1) + 1;
  };
  int caught = 0;
  std::vector<std::function<void()>> tasks;
  for (int i = 0; i < 10; ++i) {
    tasks.emplace_back([&] {
      try {
        SystemClock::instance().sleep_for(Millis{1});
        if (deep(300) == 300) throw std::string("deep");
      } catch (const std::string&) {
        ++caught;
      }
    });
  }
  run_all(tasks);
  CHECK(caught == 10);
}

TEST_CASE("without descriptors there is no loop, and the fault is on this side") {
  const Error error = [] {
    const test::NoDescriptors none;
    return FiberLoop::make().error();
  }();
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.own_side);
}

}  // namespace
}  // namespace rz::net
