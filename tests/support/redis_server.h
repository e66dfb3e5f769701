#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/redis/redis_reply.h"
#include "support/temp_folder.h"

namespace rz::test {

/// TLS of a RedisServer: PEM files. Clients need a certificate of the authority `ca`.
struct RedisServerTls {
  std::string ca;
  std::string cert;
  std::string key;
  bool auth_clients = true;  ///< Whether clients without a certificate are refused.
};

/// How a RedisServer is to be.
struct RedisServerOptions {
  std::string password{};               ///< Of the user `default`; empty: none is needed.
  bool unix_socket = false;             ///< Listen on a socket in the folder as well.
  bool tcp = true;                      ///< Listen on a port of 127.0.0.1.
  std::optional<RedisServerTls> tls{};  ///< Listen with TLS on a port of 127.0.0.1 as well.
  std::vector<std::string> config{};    ///< Further lines of redis.conf, e.g. "appendonly yes".
  bool sentinel = false;                ///< Be a sentinel; `config` tells whom to watch.
  bool cluster_bus = false;             ///< Have a port for the bus of a cluster.
  bool wait_for_loading = true;         ///< Whether one that answers LOADING counts as not started.
};

/// A real redis-server (from PATH) on a free port, with its data in a fresh folder. It is stopped
/// by the destructor, and dies with the thread that made it. Throws std::runtime_error with the
/// server's log if it does not start.
///
///     RedisServer server;
///     const auto storage = open_storage({.url = server.url()});
class RedisServer {
 public:
  explicit RedisServer(RedisServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  int tls_port() const { return tls_port_; }
  int bus_port() const { return bus_port_; }
  /// Whether it was started, and not killed since.
  bool is_started() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  const std::string& folder() const { return folder_.path(); }

  /// `redis://[userinfo@]127.0.0.1:PORT/0`. `userinfo` is `user:password`, percent-encoded; the
  /// default is the server's own password.
  std::string url(std::string_view userinfo = {}) const;
  /// `rediss://…` of `host`, the same for TLS.
  std::string tls_url(std::string_view userinfo = {}, std::string_view host = "127.0.0.1") const;
  /// `redis+unix://…`, the same for the socket.
  std::string socket_url(std::string_view userinfo = {}) const;

  /// What the server answers to an administrator's command, errors included.
  storage::RedisReply command(const std::vector<std::string>& arguments) const;

  /// How many round trips `call` takes, those that greet the server included; nobody else may ask
  /// it meanwhile.
  std::int64_t trips_of(const std::function<void()>& call) const;

  /// kill -9. Its port stays free for start().
  void kill();
  /// SIGSTOP: connections are still accepted by the system, but nothing is answered.
  void pause();
  void resume();
  /// Starts it again after kill(), on the same port and folder, and waits until it answers.
  void start();

  /// All that it has logged, for a test that fails.
  std::string log() const;

 private:
  void write_config() const;
  void spawn();
  std::int64_t reads() const;
  bool wait_until_it_answers();
  bool is_running();
  std::string own_userinfo(std::string_view userinfo) const;

  const RedisServerOptions options_;
  const TempFolder folder_;
  int port_ = 0;
  int tls_port_ = 0;
  int bus_port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace rz::test
