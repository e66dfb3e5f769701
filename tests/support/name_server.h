#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::test {

/// A real name server, dnsmasq, on a free port of 127.0.0.1, which knows what `arguments` say of
/// the domain `test`, and refuses all else. Throws std::runtime_error if it does not start.
class Dnsmasq {
 public:
  explicit Dnsmasq(const std::vector<std::string>& arguments);

  int port() const { return port_; }
  /// `127.0.0.1:PORT`
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  TempFolder folder_;
  int port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

/// Answers datagrams on a free port of 127.0.0.1 in ways that a real name server does not on
/// request.
class FakeNameServer {
 public:
  /// What is sent back for a query, in this order; nothing: it is silent.
  using Handler = std::function<std::vector<std::string>(const std::string& query)>;

  explicit FakeNameServer(Handler handler);
  ~FakeNameServer();
  FakeNameServer(const FakeNameServer&) = delete;
  FakeNameServer& operator=(const FakeNameServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

 private:
  UniqueFd socket_;
  int port_ = 0;
  std::thread thread_;
};

/// The answer to `query` with this code and no records.
std::string answer_with_code(std::string query, int code);

}  // namespace rz::test
