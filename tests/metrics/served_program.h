#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rz/base/file.h"
#include "rz/net/transport.h"
#include "support/patience.h"

namespace rz::metrics {

/// A port of the loopback on which nobody listens.
inline std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

/// A program of Prometheus that serves HTTP on the loopback, until the end of this object.
class ServedProgram {
 public:
  explicit ServedProgram(std::vector<std::string> argv) : port_(free_port()) {
    argv.push_back("--web.listen-address=127.0.0.1:" + std::to_string(port_));
    std::vector<char*> words;
    for (std::string& word : argv) words.push_back(word.data());
    words.push_back(nullptr);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    ::execv(words.front(), words.data());
    ::_exit(127);
  }
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;
  ~ServedProgram() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// A line break, and what it answers to `request`, once it listens.
  std::string ask(const std::string& request) {
    const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
    for (;;) {
      auto connection = connect_tcp("127.0.0.1", port_, deadline);
      if (!connection) {
        REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "it never listened");
        REQUIRE(::waitpid(pid_, nullptr, WNOHANG) == 0);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        continue;
      }
      REQUIRE((*connection)->write_all(request, deadline));
      std::string text = "\n";
      char buffer[4096];
      while (const auto n = (*connection)->read_some(buffer, deadline)) text.append(buffer, *n);
      return text;
    }
  }

 private:
  std::uint16_t port_;
  pid_t pid_ = -1;
};

}  // namespace rz::metrics
