#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "support/certificates.h"

namespace rz::test {

/// What a ScriptedServer does next.
struct ServerStep {
  enum class Kind {
    say,    ///< Sends `bytes`.
    await,  ///< Reads until `bytes` have come; others before them are dropped.
    tls,    ///< Makes the handshake of TLS; `bytes` are the file of the authority whose client
            ///< certificates alone are let in; empty: none is asked for.
    ask,    ///< As `tls`, but lets everybody in, and gives no tickets.
    hang,   ///< Says nothing more until the client goes.
    pause,  ///< Does nothing for 30 ms.
  };

  Kind kind = Kind::say;
  std::string bytes{};
};

inline ServerStep say(std::string_view bytes) {
  return {ServerStep::Kind::say, std::string(bytes)};
}
inline ServerStep await(std::string_view bytes) {
  return {ServerStep::Kind::await, std::string(bytes)};
}
inline ServerStep begin_tls(std::string_view client_authority = "") {
  return {ServerStep::Kind::tls, std::string(client_authority)};
}
inline ServerStep begin_tls_and_ask() { return {ServerStep::Kind::ask}; }
inline ServerStep hang() { return {ServerStep::Kind::hang}; }
inline ServerStep pause() { return {ServerStep::Kind::pause}; }

/// A server on a free port of 127.0.0.1 that plays the same script to each client, one after the
/// other, and then closes. A script that fails closes at once.
class ScriptedServer {
 public:
  /// `max_protocol`: the newest TLS that it speaks, as TLS1_2_VERSION; 0: any.
  explicit ScriptedServer(std::vector<ServerStep> script,
                          std::optional<CertificateFiles> certificate = {}, int max_protocol = 0);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// `127.0.0.1:PORT`
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

 private:
  struct Client;

  void accept_all();
  void play(Client& client);
  bool take(Client& client, const ServerStep& step);
  bool shake_hands(Client& client, const ServerStep& step);

  std::vector<ServerStep> script_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  UniqueFd listener_;
  int port_ = 0;
  std::mutex mutex_;
  int open_ = -1;          // Guarded by mutex_, as is the next.
  bool stopping_ = false;  ///< And no client is let in any more.
  std::thread thread_;
};

}  // namespace rz::test
