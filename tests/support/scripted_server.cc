#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace rz::test {
namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("scripted server: cannot ") + what);
}

}  // namespace

struct ScriptedServer::Client {
  int fd = -1;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl{nullptr, SSL_free};

  bool write(const std::string& bytes) const {
    if (ssl) return SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  /// One byte at a time: what follows the awaited bytes belongs to the next step.
  bool read(char& byte) const {
    if (ssl) return SSL_read(ssl.get(), &byte, 1) > 0;
    return ::recv(fd, &byte, 1, 0) == 1;
  }
};

ScriptedServer::ScriptedServer(std::vector<ServerStep> script,
                               std::optional<CertificateFiles> certificate, int max_protocol)
    : script_(std::move(script)),
      context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (certificate) {
    must(SSL_CTX_use_certificate_chain_file(context_.get(), certificate->cert.c_str()) == 1 &&
             SSL_CTX_use_PrivateKey_file(context_.get(), certificate->key.c_str(),
                                         SSL_FILETYPE_PEM) == 1,
         "use its certificate");
  }
  SSL_CTX_set_max_proto_version(context_.get(), max_protocol);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  must(::bind(listener_.get(), any, size) == 0 && ::listen(listener_.get(), 16) == 0 &&
           ::getsockname(listener_.get(), any, &size) == 0,
       "listen");
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (open_ >= 0) ::shutdown(open_, SHUT_RDWR);
  }
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

void ScriptedServer::accept_all() {
  while (true) {
    const UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      open_ = fd.get();
    }
    Client client{fd.get()};
    play(client);
    const std::lock_guard lock(mutex_);
    open_ = -1;
  }
}

void ScriptedServer::play(Client& client) {
  for (const ServerStep& step : script_) {
    if (!take(client, step)) return;
  }
  // What the client has sent and nobody has read would turn the end into a reset, which takes what
  // was said with it.
  ::shutdown(client.fd, SHUT_WR);
  std::array<char, 256> rest{};
  while (::recv(client.fd, rest.data(), rest.size(), 0) > 0) {
  }
}

bool ScriptedServer::shake_hands(Client& client, const ServerStep& step) {
  client.ssl.reset(SSL_new(context_.get()));
  SSL* ssl = client.ssl.get();
  SSL_set_fd(ssl, client.fd);
  if (!step.bytes.empty()) {
    SSL_CTX_load_verify_locations(context_.get(), step.bytes.c_str(), nullptr);
    SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  } else if (step.kind == ServerStep::Kind::ask) {
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    SSL_set_num_tickets(ssl, 0);
  }
  return SSL_accept(ssl) == 1;
}

bool ScriptedServer::take(Client& client, const ServerStep& step) {
  char byte = 0;
  switch (step.kind) {
    case ServerStep::Kind::say: return client.write(step.bytes);
    case ServerStep::Kind::await: {
      std::string read;
      while (!read.ends_with(step.bytes)) {
        if (!client.read(byte)) return false;
        read += byte;
      }
      return true;
    }
    case ServerStep::Kind::tls:
    case ServerStep::Kind::ask: return shake_hands(client, step);
    case ServerStep::Kind::hang:
      while (client.read(byte)) {
      }
      return false;
    case ServerStep::Kind::pause:
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      return true;
  }
  return false;
}

}  // namespace rz::test
