#include "rz/net/resolver.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <chrono>
#include <future>
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

TEST_CASE("a name service that does not answer is left behind, so many times and no more") {
  std::promise<void> answer;
  const std::shared_future<void> answered = answer.get_future().share();
  const LookUpName hangs = [answered]() -> Result<SocketAddresses> {
    answered.wait();
    return SocketAddresses{};
  };
  const auto soon = [] { return steady_clock::now() + std::chrono::milliseconds{1}; };
  for (std::size_t i = 0; i < kMaxWaitingLookUps; ++i) {
    CHECK(error_of(look_up_until(hangs, soon())) ==
          Error{ErrorCode::timeout, "no answer in time from the name service", "", true});
  }
  CHECK(error_of(look_up_until(hangs, kFar)) ==
        Error{ErrorCode::unavailable,
              "the name service does not answer; 16 look-ups wait for it already", "", true});
  CHECK(resolve("127.0.0.1", 1, kFar).has_value());
  answer.set_value();
  // Their threads end by themselves; then others may look up again.
  Result<SocketAddresses> again;
  do {
    again = look_up_until([] { return SocketAddresses(1); }, kFar);
  } while (!again);
  CHECK(again->size() == 1);
}

}  // namespace
}  // namespace rz::net
