#include "support/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "rz/base/clock.h"
#include "rz/net/dns_client.h"

namespace rz::test {
namespace {

std::string own_user() {
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? "nobody" : user->pw_name;
}

bool answers(int port) {
  const auto soon = std::chrono::steady_clock::now() + Millis{1'000};
  return net::ask_name_server({"127.0.0.1", static_cast<std::uint16_t>(port)}, "ready.test",
                              net::DnsType::a, soon)
      .has_value();
}

}  // namespace

Dnsmasq::Dnsmasq(const std::vector<std::string>& arguments) {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries && !process_; ++i) {
    port_ = unused_port(SOCK_STREAM);
    std::vector<std::string> argv = {"/usr/sbin/dnsmasq",
                                     "--keep-in-foreground",
                                     "--conf-file=/dev/null",
                                     "--no-resolv",
                                     "--no-hosts",
                                     "--no-poll",
                                     "--bind-interfaces",
                                     "--listen-address=127.0.0.1",
                                     "--port=" + std::to_string(port_),
                                     "--user=" + own_user(),
                                     "--pid-file=",
                                     "--local=/test/",
                                     "--log-facility=-"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    process_ = std::make_unique<ServerProcess>(argv, folder_ / "log");
    try {
      process_->wait_until([this] { return answers(port_); });
    } catch (const std::runtime_error&) {
      // Somebody else took the port meanwhile.
      if (i + 1 == kTries || process_->log().find("in use") == std::string::npos) throw;
      process_.reset();
    }
  }
}

FakeNameServer::FakeNameServer(Handler handler)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_.get(), any, size) != 0 || ::getsockname(socket_.get(), any, &size) != 0) {
    throw std::runtime_error("cannot bind a port: " + errno_text(errno));
  }
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this, handle = std::move(handler)] {
    std::string query(65'536, '\0');
    while (true) {
      sockaddr_in client{};
      socklen_t client_size = sizeof client;
      auto* to = reinterpret_cast<sockaddr*>(&client);
      const ssize_t count =
          ::recvfrom(socket_.get(), query.data(), query.size(), 0, to, &client_size);
      if (count <= 0) return;  // The destructor sends an empty datagram.
      for (const std::string& answer : handle(query.substr(0, static_cast<std::size_t>(count)))) {
        ::sendto(socket_.get(), answer.data(), answer.size(), 0, to, client_size);
      }
    }
  });
}

FakeNameServer::~FakeNameServer() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(static_cast<std::uint16_t>(port_));
  const UniqueFd last(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(last.get(), "", 0, 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  thread_.join();
}

std::string answer_with_code(std::string query, int code) {
  query[2] = static_cast<char>(query[2] | 0x80);
  query[3] = static_cast<char>((query[3] & 0xf0) | code);
  return query;
}

}  // namespace rz::test
