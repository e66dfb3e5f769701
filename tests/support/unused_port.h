#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

#include "rz/base/file.h"

namespace rz::test {

/// A port of 127.0.0.1 that was free a moment ago, for sockets of `type`, such as SOCK_STREAM;
/// somebody else may take it before a server does.
inline int unused_port(int type) {
  const UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd || ::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0) {
    throw std::runtime_error("cannot bind a port: " + errno_text(errno));
  }
  return ::ntohs(address.sin_port);
}

}  // namespace rz::test
