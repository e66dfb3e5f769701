#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rz/base/file.h"
#include "support/patience.h"

namespace rz::test {

/// A connection to a server on which a test says what it likes, as slowly as it likes.
class HttpTalk {
 public:
  explicit HttpTalk(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  explicit HttpTalk(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }

  /// Whether all of it could be sent.
  bool say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// One answer: its head and as much of a body as that says. What there was if the other side
  /// closes before.
  std::string answer(bool head_only = false) {
    while (!complete(head_only) && read_more()) {
    }
    const std::size_t size = std::min(length(head_only), text_.size());
    std::string one = text_.substr(0, size);
    text_.erase(0, size);
    return one;
  }

  /// Reads until the other side has closed.
  std::string rest() {
    while (read_more()) {
    }
    return std::exchange(text_, {});
  }

  /// Whether the other side has closed by now. What it has sent is kept.
  bool is_closed() {
    pollfd wanted{fd_.get(), POLLIN, 0};
    while (::poll(&wanted, 1, 0) == 1) {
      if (!read_more()) return true;
    }
    return false;
  }

  int fd() const { return fd_.get(); }

 private:
  void connect(const sockaddr* address, socklen_t size) {
    if (!fd_ || ::connect(fd_.get(), address, size) != 0) {
      throw std::runtime_error("cannot connect: " + errno_text(errno));
    }
  }

  bool read_more() {
    pollfd wanted{fd_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(kPatience.count())) != 1) {
      throw std::runtime_error("no answer; so far: " + text_);
    }
    std::array<char, 65536> buffer{};
    const auto size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    text_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }

  std::size_t length(bool head_only) const {
    const std::size_t end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return std::string::npos;
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = text_.find(kLength);
    const std::size_t body = head_only || at == std::string::npos || at > end
                                 ? 0
                                 : std::stoul(text_.substr(at + kLength.size()));
    return end + 4 + body;
  }
  bool complete(bool head_only) const { return length(head_only) <= text_.size(); }

  UniqueFd fd_;
  std::string text_;
};

/// The status code of an answer; 0 if it is none.
inline int code_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

/// A request without a body, on a connection of its own.
template <class Where>
std::string http_get(const Where& where, const std::string& target,
                     const std::string& headers = "") {
  HttpTalk talk(where);
  talk.say("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  return talk.answer();
}

template <class Where>
std::string http_post(const Where& where, const std::string& target, const std::string& body,
                      const std::string& headers = "") {
  HttpTalk talk(where);
  talk.say("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
  return talk.answer();
}

}  // namespace rz::test
