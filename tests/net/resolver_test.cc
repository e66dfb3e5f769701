#include "rz/net/resolver.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "support/print.h"
#include "support/results.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

const Deadline kFar = steady_clock::now() + std::chrono::hours{1};

TEST_CASE("a literal address is itself, and nobody is asked, even when no time is left") {
  const SocketAddresses four = ok(resolve("127.0.0.1", 6379, Deadline::min()));
  REQUIRE(four.size() == 1);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(four[0].storage);
  CHECK(v4.sin_family == AF_INET);
  CHECK(ntohl(v4.sin_addr.s_addr) == INADDR_LOOPBACK);
  CHECK(ntohs(v4.sin_port) == 6379);
  CHECK(four[0].size == sizeof v4);
  const SocketAddresses six = ok(resolve("::1", 1, Deadline::min()));
  REQUIRE(six.size() == 1);
  CHECK(six[0].storage.ss_family == AF_INET6);
}

TEST_CASE("a name is looked up, unless no time is left") {
  CHECK_FALSE(ok(resolve("localhost", 1, kFar)).empty());
  CHECK(error_of(resolve("localhost", 1, Deadline::min())) ==
        Error{ErrorCode::timeout, "no time is left to look the host up", "", true});
}

TEST_CASE("a name service that does not answer is left behind, with so many threads and no more") {
  std::promise<void> answer;
  const std::shared_future<void> answered = answer.get_future().share();
  std::atomic<std::size_t> hanging = 0;
  const LookUpName hangs = [&hanging, answered]() -> Result<SocketAddresses> {
    ++hanging;
    answered.wait();
    return SocketAddresses{};
  };
  const auto soon = [] { return steady_clock::now() + std::chrono::milliseconds{1}; };
  // One that is given up before its thread has begun takes none.
  while (hanging < kMaxLookUpThreads) {
    CHECK(error_of(look_up_until("", hangs, soon())).code == ErrorCode::timeout);
  }
  bool asked = false;
  CHECK(error_of(look_up_until(
            "",
            [&asked] {
              asked = true;
              return SocketAddresses{};
            },
            soon())) ==
        Error{ErrorCode::timeout,
              "no answer in time from the name service, which owes 16 other answers", "", true});
  CHECK(resolve("127.0.0.1", 1, kFar).has_value());
  answer.set_value();
  // Their threads go on to what was asked meanwhile, but not to what nobody waits for.
  CHECK(ok(look_up_until(
               "", [] { return SocketAddresses(1); }, kFar))
            .size() == 1);
  CHECK_FALSE(asked);
  CHECK(hanging == kMaxLookUpThreads);
}

TEST_CASE("more names than threads are looked up in turn") {
  constexpr int kNames = 100;
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kNames; ++i) {
    callers.emplace_back([&] {
      if (look_up_until(
              "", [] { return SocketAddresses(1); }, kFar))
        ++answered;
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(answered == kNames);
}

}  // namespace
}  // namespace rz::net
