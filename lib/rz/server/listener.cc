#include "rz/server/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/resolver.h"

namespace rz::server {
namespace {

constexpr int kBacklog = 511;
constexpr int kFirstHandedFd = 3;  // SD_LISTEN_FDS_START

sockaddr* generic(sockaddr_storage& address) { return reinterpret_cast<sockaddr*>(&address); }

/// The address that a socket is bound to.
sockaddr_storage bound_to(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, generic(address), &size);
  return address;
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return (::ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

std::string name_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return to_string(net::HostPort{text.data(), ::ntohs(v4.sin_port)});
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return to_string(net::HostPort{text.data(), ::ntohs(v6.sin6_port)});
  }
  const auto& unix_address = reinterpret_cast<const sockaddr_un&>(address);
  const char* path = unix_address.sun_path;
  return "unix:" + (*path != '\0' ? std::string(path, ::strnlen(path, sizeof unix_address.sun_path))
                                  : "@" + std::string(path + 1));
}

tl::unexpected<Error> cannot_listen(const std::string& where, int error) {
  return fail_own_side(ErrorCode::unavailable, "cannot listen: " + errno_text(error), where);
}

Result<UniqueFd> listen_at(const sockaddr* address, socklen_t size, const std::string& name) {
  UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannot_listen(name, errno);
  const int on = 1;
  if (address->sa_family != AF_UNIX) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  // [::] is then IPv6 alone only where the administrator says so; elsewhere it is all addresses.
  if (::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return cannot_listen(name, errno);
  }
  return fd;
}

// Whether the socket file at `address` was left behind: nobody listens there any more.
bool is_left_behind(const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe &&
         ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

Result<UniqueFd> listen_at_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (is_left_behind(address)) ::unlink(path.c_str());
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address, "unix:" + path);
}

bool listens(int fd) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) != 0 || value != SOCK_STREAM) {
    return false;
  }
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1;
}

// A number of the environment; 0 where there is none.
std::int64_t number_in(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr ? parse_int(text).value_or(0) : 0;
}

}  // namespace

Listener::Listener(UniqueFd fd) : fd_(std::move(fd)) {
  const sockaddr_storage address = bound_to(fd_.get());
  name_ = name_of(address);
  local_ = is_loopback(address);
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::move(other.fd_)),
      name_(std::move(other.name_)),
      local_(other.local_),
      made_path_(std::exchange(other.made_path_, {})) {}

Listener::~Listener() {
  if (!made_path_.empty()) ::unlink(made_path_.c_str());
}

Result<std::vector<Listener>> Listener::open(const net::ListenAddress& address, Deadline deadline) {
  std::vector<Listener> opened;
  if (const auto* path = std::get_if<net::UnixPath>(&address)) {
    TRY_ASSIGN(UniqueFd fd, listen_at_path(path->path));
    opened.push_back(Listener(std::move(fd)));
    opened.back().made_path_ = path->path;
    return opened;
  }
  const auto& tcp = std::get<net::HostPort>(address);
  TRY_ASSIGN(const net::SocketAddresses found, net::resolve(tcp.host, tcp.port, deadline));
  for (const net::SocketAddress& each : found) {
    TRY_ASSIGN(UniqueFd fd, listen_at(each.get(), each.size, to_string(address)));
    opened.push_back(Listener(std::move(fd)));
  }
  return opened;
}

Result<Listener> Listener::adopt(UniqueFd fd) {
  if (!listens(fd.get())) {
    return fail(ErrorCode::invalid_argument,
                "a socket that was handed over (LISTEN_FDS) is not a stream socket that listens");
  }
  ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  return Listener(std::move(fd));
}

Result<std::vector<Listener>> take_handed_listeners() {
  const bool for_us = number_in("LISTEN_PID") == ::getpid();
  const std::int64_t count = number_in("LISTEN_FDS");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<Listener> listeners;
  if (!for_us || count < 1 || count > 1024) return listeners;
  for (int fd = kFirstHandedFd; fd < kFirstHandedFd + count; ++fd) {
    TRY_ASSIGN(Listener listener, Listener::adopt(UniqueFd(fd)));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace rz::server
