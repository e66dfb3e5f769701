#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "rz/base/file.h"

namespace rz::test {

/// A socket that listens on a free port of 127.0.0.1, or at a path. For tests whose server says
/// what no proper one would.
class LocalListener {
 public:
  LocalListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    listen_at(generic, size);
    ::getsockname(fd_.get(), generic, &size);
    port_ = ntohs(address.sin_port);
  }

  explicit LocalListener(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listen_at(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }

  int port() const { return port_; }
  UniqueFd accept() { return UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  /// Ends an accept() of another thread, which then returns none, as each later one does.
  void wake() { ::shutdown(fd_.get(), SHUT_RDWR); }

 private:
  void listen_at(const sockaddr* address, socklen_t size) {
    if (!fd_ || ::bind(fd_.get(), address, size) != 0 || ::listen(fd_.get(), 64) != 0) {
      throw std::runtime_error("cannot listen: " + errno_text(errno));
    }
  }

  UniqueFd fd_;
  int port_ = 0;
};

}  // namespace rz::test
