#include "rz/net/transport.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "support/descriptor_limit.h"
#include "support/http_server.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::net {
namespace {

Deadline in(Millis time) { return std::chrono::steady_clock::now() + time; }

/// Long enough for anything that works.
Deadline later() { return in(Millis{60'000}); }

/// For what must not come to pass.
Deadline very_soon() { return in(Millis{30}); }

/// A socket that listens, and gives out the ends of connections one by one.
class Listener {
 public:
  static Listener tcp(int family = AF_INET) {
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    return family == AF_INET ? Listener(v4) : Listener(v6);
  }
  static Listener unix_socket(const std::string& path, int backlog = 8) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return Listener(address, backlog);
  }

  std::uint16_t port() const {
    sockaddr_in6 address{};  // Both families have the port in the same place.
    socklen_t size = sizeof address;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ::ntohs(address.sin6_port);
  }
  bool is_open() const { return open_; }

  UniqueFd accept() const { return UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  template <class Address>
  explicit Listener(const Address& address, int backlog = 8)
      : fd_(::socket(reinterpret_cast<const sockaddr*>(&address)->sa_family,
                     SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    open_ = ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
            ::listen(fd_.get(), backlog) == 0;
  }

  UniqueFd fd_;
  bool open_ = false;
};

using Connected = std::pair<std::unique_ptr<Transport>, UniqueFd>;

Connected connect_over_tcp() {
  const Listener listener = Listener::tcp();
  REQUIRE(listener.is_open());
  auto transport = connect_tcp("127.0.0.1", listener.port(), later());
  REQUIRE(transport);
  return {*std::move(transport), listener.accept()};
}

TEST_CASE("bytes go both ways, over TCP and over a unix socket") {
  const TempFolder folder;
  for (const bool over_tcp : {true, false}) {
    CAPTURE(over_tcp);
    const Listener listener = over_tcp ? Listener::tcp() : Listener::unix_socket(folder / "s.sock");
    REQUIRE(listener.is_open());
    auto transport = over_tcp ? connect_tcp("127.0.0.1", listener.port(), later())
                              : connect_unix(folder / "s.sock", later());
    REQUIRE(transport);
    const UniqueFd peer = listener.accept();
    REQUIRE((*transport)->write_all(std::string_view("a\0b", 3), later()));
    std::array<char, 8> buffer{};
    CHECK(::recv(peer.get(), buffer.data(), buffer.size(), 0) == 3);
    CHECK(std::string_view(buffer.data(), 3) == std::string_view("a\0b", 3));
    REQUIRE(::send(peer.get(), "12345", 5, 0) == 5);
    const auto read = (*transport)->read_some(std::span(buffer).first(4), later());
    REQUIRE(read);
    CHECK(std::string_view(buffer.data(), *read) == "1234");
    CHECK((*transport)->read_some(buffer, later()) == 1);
  }
}

TEST_CASE("a reader waits no longer than its deadline, and can read what comes after") {
  auto [transport, peer] = connect_over_tcp();
  std::array<char, 8> buffer{};
  CHECK(error_of(transport->read_some(buffer, very_soon())).code == ErrorCode::timeout);
  CHECK(error_of(transport->read_some(buffer, in(Millis{-1}))).code == ErrorCode::timeout);
  REQUIRE(::send(peer.get(), "x", 1, 0) == 1);
  CHECK(transport->read_some(buffer, later()) == 1);
}

TEST_CASE("a writer waits no longer than its deadline for a peer that does not read") {
  auto [transport, peer] = connect_over_tcp();
  const std::string much(64 * 1024 * 1024, 'x');
  CHECK(error_of(transport->write_all(much, very_soon())).code == ErrorCode::timeout);
}

TEST_CASE("much goes through in parts") {
  auto [transport, peer] = connect_over_tcp();
  const std::string much(16 * 1024 * 1024, 'y');
  std::size_t received = 0;
  std::thread reader([&received, fd = peer.get(), size = much.size()] {
    std::array<char, 256 * 1024> buffer;
    while (received < size) {
      const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      received += static_cast<std::size_t>(n);
    }
  });
  CHECK(transport->write_all(much, later()));
  reader.join();
  CHECK(received == much.size());
}

TEST_CASE("a peer that closes") {
  auto [transport, peer] = connect_over_tcp();
  std::array<char, 8> buffer{};
  SUBCASE("in order") {
    peer.reset();
    const Error error = error_of(transport->read_some(buffer, later()));
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message == "the other side closed the connection");
  }
  SUBCASE("with a reset") {
    const linger at_once{1, 0};
    ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    peer.reset();
    const Error error = error_of(transport->read_some(buffer, later()));
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message == "Connection reset by peer");
    // No signal either: the default action of SIGPIPE would end the test.
    CHECK(error_of(transport->write_all("x", later())).code == ErrorCode::unavailable);
  }
}

TEST_CASE("a connection is quiet while the peer says nothing and does not close") {
  auto [transport, peer] = connect_over_tcp();
  CHECK(transport->is_quiet());
  REQUIRE(transport->write_all("question", later()));
  CHECK(transport->is_quiet());
  std::array<char, 8> buffer{};
  REQUIRE(::send(peer.get(), "x", 1, 0) == 1);
  while (transport->is_quiet()) std::this_thread::yield();
  CHECK(transport->read_some(buffer, later()) == 1);
  CHECK(transport->is_quiet());
  peer.reset();
  while (transport->is_quiet()) std::this_thread::yield();
}

TEST_CASE("nobody listens") {
  const test::ClosedPort closed;
  const Error error =
      error_of(connect_tcp("127.0.0.1", static_cast<std::uint16_t>(closed.port()), later()));
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.message == "Connection refused");
  const TempFolder folder;
  CHECK(error_of(connect_unix(folder / "none", later())).message == "No such file or directory");
}

TEST_CASE("it is told how long each part took, and whether all that could be asked refused") {
  const test::ClosedPort closed;
  ConnectReport report;
  report.refused = true;
  CHECK_FALSE(connect_tcp("no-such-host.invalid", 80, later(), &report));
  CHECK_FALSE(report.refused);
  CHECK(report.look_up.count() > 0);
  CHECK(report.connect.count() == 0);
  CHECK_FALSE(
      connect_tcp("localhost", static_cast<std::uint16_t>(closed.port()), later(), &report));
  CHECK(report.refused);
  CHECK(report.connect.count() > 0);
}

TEST_CASE("a refusal is of the other side, no descriptor and no right are of this one") {
  const test::ClosedPort closed;
  const auto port = static_cast<std::uint16_t>(closed.port());
  CHECK_FALSE(error_of(connect_tcp("127.0.0.1", port, later())).own_side);
  const TempFolder folder;
  CHECK_FALSE(error_of(connect_unix(folder / "none", later())).own_side);
  {
    const test::NoDescriptors none;
    CHECK(error_of(connect_tcp("127.0.0.1", port, later())).own_side);
    CHECK(error_of(connect_unix(folder / "none", later())).own_side);
  }
  for (const int error : {EMFILE, ENFILE, ENOBUFS, EACCES, ENETUNREACH, EADDRNOTAVAIL}) {
    CHECK(is_own_side_errno(error));
  }
  for (const int error : {ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENOENT, ETIMEDOUT}) {
    CHECK_FALSE(is_own_side_errno(error));
  }
}

TEST_CASE("a name service that has no time left was not heard") {
  const Error error = error_of(connect_tcp("localhost", 1, in(Millis{0})));
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.own_side);
}

TEST_CASE("a host that does not exist") {
  // RFC 6761 keeps .invalid free for ever.
  const Error error = error_of(connect_tcp("no-such-host.invalid", 6379, in(Millis{5'000})));
  const bool known = error.code == ErrorCode::unavailable || error.code == ErrorCode::timeout;
  CHECK(known);
  const bool named = error.message.starts_with("cannot find the host 'no-such-host.invalid': ") ||
                     error.message == "no answer in time from the name service";
  CHECK(named);
}

TEST_CASE("names, IPv4 and IPv6") {
  const Listener v4 = Listener::tcp();
  REQUIRE(v4.is_open());
  CHECK(connect_tcp("localhost", v4.port(), later()));
  const Listener v6 = Listener::tcp(AF_INET6);
  if (v6.is_open()) CHECK(connect_tcp("::1", v6.port(), later()));
}

TEST_CASE("a path that is too long for a socket") {
  const Error error = error_of(connect_unix("/" + std::string(107, 'p'), later()));
  CHECK(error == Error{ErrorCode::invalid_argument,
                       "the path of a unix socket can have at most 107 bytes, but this one has 108",
                       ""});
}

TEST_CASE("a unix socket whose queue is full is waited for, within the deadline") {
  const TempFolder folder;
  const Listener listener = Listener::unix_socket(folder / "s.sock", 0);
  REQUIRE(listener.is_open());
  const auto first = connect_unix(folder / "s.sock", later());
  REQUIRE(first);
  CHECK(error_of(connect_unix(folder / "s.sock", very_soon())).code == ErrorCode::timeout);
  std::thread acceptor([&] { static_cast<void>(listener.accept()); });
  CHECK(connect_unix(folder / "s.sock", later()));
  acceptor.join();
}

TEST_CASE("no descriptor is left for programs that are started") {
  auto [transport, peer] = connect_over_tcp();
  // The descriptor is the only one of this process that is connected to the peer's address.
  sockaddr_in theirs{};
  socklen_t size = sizeof theirs;
  REQUIRE(::getpeername(peer.get(), reinterpret_cast<sockaddr*>(&theirs), &size) == 0);
  int found = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in ours{};
    size = sizeof ours;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&ours), &size) != 0) continue;
    if (ours.sin_family != AF_INET || ours.sin_port != theirs.sin_port) continue;
    ++found;
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    int value = 0;
    size = sizeof value;
    ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size);
    CHECK(value == 1);
    ::getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size);
    CHECK(value == 1);
  }
  CHECK(found == 1);
}

}  // namespace
}  // namespace rz::net
