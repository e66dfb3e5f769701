#include "rz/server/listener.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/bare_home.h"
#include "support/http_talk.h"
#include "support/local_listener.h"
#include "support/results.h"
#include "support/unused_port.h"

namespace rz::server {
namespace {

Deadline soon() { return std::chrono::steady_clock::now() + test::kPatience; }

std::vector<Listener> open(const std::string& address) {
  return ok(Listener::open(ok(net::parse_listen_address(address)), soon()));
}

}  // namespace

TEST_CASE("it listens on addresses of one machine and of all, and knows which is which") {
  const std::string port = std::to_string(test::unused_port(SOCK_STREAM));
  {
    const auto loopback = open("127.0.0.1:" + port);
    REQUIRE(loopback.size() == 1);
    CHECK(loopback[0].local());
    CHECK(loopback[0].name() == "127.0.0.1:" + port);
    const auto taken = Listener::open(ok(net::parse_listen_address("127.0.0.1:" + port)), soon());
    CHECK(message_of(taken) == "127.0.0.1:" + port + ": cannot listen: Address already in use");
  }
  const auto everywhere = open("0.0.0.0:" + port);
  CHECK_FALSE(everywhere[0].local());
}

TEST_CASE("the file of a unix socket goes with it, and one that was left behind is replaced") {
  const TempFolder folder;
  const std::string path = folder / "health.sock";
  {
    const auto first = open("unix:" + path);
    CHECK(first[0].local());
    CHECK(first[0].name() == "unix:" + path);
    CHECK(std::filesystem::exists(path));
    CHECK_FALSE(Listener::open(net::UnixPath{path}, soon()).has_value());
    CHECK(std::filesystem::exists(path));  // That of the one that listens.
  }
  CHECK_FALSE(std::filesystem::exists(path));
  { const test::LocalListener left(path); }
  CHECK(std::filesystem::exists(path));
  CHECK(open("unix:" + path).size() == 1);
  std::ofstream(folder / "file") << "precious";
  CHECK_FALSE(Listener::open(net::UnixPath{folder / "file"}, soon()).has_value());
  CHECK(std::filesystem::exists(folder / "file"));
}

TEST_CASE("only a socket that listens is taken from others") {
  const UniqueFd datagrams(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(Listener::adopt(UniqueFd(::dup(datagrams.get()))).has_value());
  const UniqueFd deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(Listener::adopt(UniqueFd(::dup(deaf.get()))).has_value());
  CHECK_FALSE(Listener::adopt(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))).has_value());
  REQUIRE(::listen(deaf.get(), 1) == 0);
  const int fd = ::dup(deaf.get());
  const auto listener = Listener::adopt(UniqueFd(fd));
  REQUIRE(listener.has_value());
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
}

TEST_CASE("sockets that were handed over to another process are not ours") {
  const testing::Variable process("LISTEN_PID", std::to_string(::getpid() + 1).c_str());
  const testing::Variable count("LISTEN_FDS", "1");
  CHECK(ok(take_handed_listeners()).empty());
  CHECK(::getenv("LISTEN_FDS") == nullptr);
  CHECK(::getenv("LISTEN_PID") == nullptr);
}

}  // namespace rz::server
