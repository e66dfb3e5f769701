#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "rz/base/file.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::test {

/// The socket of a service manager: what a service tells it, one datagram after the other.
class NotifySocket {
 public:
  NotifySocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    if (!fd_ || ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot make a socket for notifications");
    }
  }

  std::string path() const { return folder_ / "notify"; }

  /// The next one, or nothing after `patience`.
  std::string receive(Millis patience = kPatience) const {
    pollfd wanted{fd_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(patience.count())) != 1) return "";
    std::array<char, 4096> buffer{};
    const auto size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
  }

  /// Reads on until one that has `text` in it, and returns that.
  std::string receive_with(const std::string& text) const {
    for (;;) {
      std::string message = receive();
      if (message.empty()) throw std::runtime_error("no notification with " + text);
      if (message.find(text) != std::string::npos) return message;
    }
  }

 private:
  TempFolder folder_;
  UniqueFd fd_;
};

}  // namespace rz::test
