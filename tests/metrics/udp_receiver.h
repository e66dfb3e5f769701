#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "rz/base/file.h"

namespace rz::metrics {

/// The next datagram that has arrived on `fd`.
inline std::string next_datagram(int fd) {
  pollfd ready{fd, POLLIN, 0};
  if (::poll(&ready, 1, 0) != 1) return "(no datagram)";
  std::string datagram(65536, '\0');
  const ssize_t size = ::recv(fd, datagram.data(), datagram.size(), 0);
  REQUIRE(size >= 0);
  datagram.resize(static_cast<std::size_t>(size));
  return datagram;
}

/// A StatsD server on a free port of the loopback, as far as a client can see one.
class UdpReceiver {
 public:
  explicit UdpReceiver(int family = AF_INET) : family_(family) {
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
    }
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    fd_.reset(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd_ || ::bind(fd_.get(), generic, size) != 0) return;
    ::getsockname(fd_.get(), generic, &size);
    port_ = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                    : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
  }

  /// Whether it listens; not over IPv6 on a machine without it.
  bool is_open() const { return port_ != 0; }

  std::string address() const {
    return (family_ == AF_INET ? "127.0.0.1:" : "[::1]:") + std::to_string(port_);
  }

  /// The next datagram. On the loopback it has arrived when send() returns; none is told as such.
  std::string next() { return next_datagram(fd_.get()); }

  void close() { fd_.reset(); }

 private:
  int family_;
  UniqueFd fd_;
  int port_ = 0;
};

/// The same on a unix socket.
class UnixReceiver {
 public:
  explicit UnixReceiver(const std::string& path) : path_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    fd_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  UnixReceiver(const UnixReceiver&) = delete;
  UnixReceiver& operator=(const UnixReceiver&) = delete;
  ~UnixReceiver() { close(); }

  std::string next() { return next_datagram(fd_.get()); }
  void close() {
    fd_.reset();
    ::unlink(path_.c_str());
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace rz::metrics
