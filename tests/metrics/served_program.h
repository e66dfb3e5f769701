#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/net/transport.h"
#include "support/patience.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::metrics {

/// A program of Prometheus that serves HTTP on the loopback, until the end of this object.
class ServedProgram {
 public:
  explicit ServedProgram(std::vector<std::string> argv)
      : port_(static_cast<std::uint16_t>(test::unused_port(SOCK_STREAM))),
        process_(listening(std::move(argv), port_), folder_ / "log") {}

  std::string url() const { return "http://" + address_of(port_); }

  /// A line break, and what it answers to `request`, once it listens.
  std::string ask(const std::string& request) {
    const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
    std::unique_ptr<net::Transport> connection;
    process_.wait_until([&] {
      auto made = net::connect_tcp("127.0.0.1", port_, deadline);
      if (made) connection = *std::move(made);
      return connection != nullptr;
    });
    REQUIRE(connection->write_all(request, deadline));
    std::string text = "\n";
    char buffer[4096];
    while (const auto n = connection->read_some(buffer, deadline)) text.append(buffer, *n);
    return text;
  }

 private:
  static std::string address_of(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
  static std::vector<std::string> listening(std::vector<std::string> argv, std::uint16_t port) {
    argv.push_back("--web.listen-address=" + address_of(port));
    return argv;
  }

  TempFolder folder_;
  std::uint16_t port_;
  test::ServerProcess process_;
};

}  // namespace rz::metrics
