#include "support/redis_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "rz/base/file.h"
#include "rz/storage/redis/redis_connection.h"
#include "support/patience.h"
#include "support/unused_port.h"

namespace rz::test {
namespace {

constexpr Millis kStartLimit = kPatience;
constexpr Millis kCommandLimit = kPatience;

// Between fork and exec: nothing here may take a lock.
[[noreturn]] void become_server(const char* config, bool sentinel, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  ::execlp("redis-server", "redis-server", config, sentinel ? "--sentinel" : nullptr,
           static_cast<char*>(nullptr));
  ::_exit(127);
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    port_ = options_.tcp ? unused_port(SOCK_STREAM) : 0;
    tls_port_ = options_.tls ? unused_port(SOCK_STREAM) : 0;
    bus_port_ = options_.cluster_bus ? unused_port(SOCK_STREAM) : 0;
    write_config();
    spawn();
    if (wait_until_it_answers()) return;
    kill();
    if (log().find("Address already in use") == std::string::npos) break;
  }
  throw std::runtime_error("redis-server does not start:\n" + log());
}

RedisServer::~RedisServer() { kill(); }

std::string RedisServer::url(std::string_view userinfo) const {
  return "redis://" + own_userinfo(userinfo) + "127.0.0.1:" + std::to_string(port_) + "/0";
}

std::string RedisServer::tls_url(std::string_view userinfo, std::string_view host) const {
  return "rediss://" + own_userinfo(userinfo) + std::string(host) + ":" +
         std::to_string(tls_port_) + "/0";
}

std::string RedisServer::socket_url(std::string_view userinfo) const {
  return "redis+unix://" + own_userinfo(userinfo) + (folder_ / "redis.sock");
}

std::string RedisServer::own_userinfo(std::string_view userinfo) const {
  if (!userinfo.empty()) return std::string(userinfo) + "@";
  return options_.password.empty() ? "" : "default:" + options_.password + "@";
}

storage::RedisReply RedisServer::command(const std::vector<std::string>& arguments) const {
  // Why a server is gone stands in its log, and the log goes with the test.
  const auto failure = [&](const Error& error) {
    const std::string all = log();
    constexpr std::size_t kShown = 2000;
    // A server that crashed tells all about itself behind this.
    const std::size_t crash = all.find("=== REDIS BUG REPORT START");
    const std::size_t first =
        crash != std::string::npos ? crash : all.size() - std::min(all.size(), kShown);
    return std::runtime_error(arguments.front() + ": " + to_string(error) + "; the log says:\n" +
                              all.substr(first, kShown));
  };
  const auto server = storage::redis_server_of({.url = options_.tcp ? url() : socket_url()});
  if (!server) throw failure(server.error());
  auto connection =
      storage::RedisConnection::open(*server, storage::TryLimit::from_now(kCommandLimit));
  if (!connection) throw failure(connection.error().error);
  const std::vector<std::string_view> views(arguments.begin(), arguments.end());
  auto reply = connection->exchange(*storage::encode_command(views),
                                    storage::TryLimit::from_now(kCommandLimit));
  if (!reply) throw failure(reply.error().error);
  return *std::move(reply);
}

// How often it has read what a client sent. That a client has left is read, too, and not counted.
std::int64_t RedisServer::reads() const {
  const std::string info = command({"INFO"}).text;
  const auto field = [&info](std::string_view name) {
    const std::size_t at = info.find("\n" + std::string(name) + ":");
    if (at == std::string::npos) throw std::runtime_error("INFO has no " + std::string(name));
    return std::stoll(info.substr(at + name.size() + 2));
  };
  const std::int64_t left = field("total_connections_received") - field("connected_clients");
  return field("total_reads_processed") - left;
}

std::int64_t RedisServer::trips_of(const std::function<void()>& call) const {
  // Asking takes two itself: a greeting and the question.
  constexpr std::int64_t kAsking = 2;
  const std::int64_t before = reads();
  call();
  return reads() - before - kAsking;
}

void RedisServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

void RedisServer::pause() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  ::waitpid(pid_, &status, WUNTRACED);
}

void RedisServer::resume() { ::kill(pid_, SIGCONT); }

void RedisServer::start() {
  if (pid_ > 0) return;
  spawn();
  if (!wait_until_it_answers()) {
    throw std::runtime_error("redis-server does not start again:\n" + log());
  }
}

void RedisServer::write_config() const {
  std::ofstream file(folder_ / "redis.conf");
  file << "bind 127.0.0.1\nport " << port_ << "\ndir " << folder_.path() << "\nlogfile "
       << folder_ / "redis.log"
       << "\nsave \"\"\n";
  if (options_.cluster_bus) file << "cluster-port " << bus_port_ << "\n";
  if (options_.unix_socket || !options_.tcp) file << "unixsocket " << folder_ / "redis.sock\n";
  if (options_.tls) {
    file << "tls-port " << tls_port_ << "\ntls-ca-cert-file " << options_.tls->ca
         << "\ntls-cert-file " << options_.tls->cert << "\ntls-key-file " << options_.tls->key
         << "\ntls-auth-clients " << (options_.tls->auth_clients ? "yes" : "no") << "\n";
  }
  if (!options_.password.empty()) file << "requirepass " << options_.password << "\n";
  for (const std::string& line : options_.config) file << line << "\n";
}

void RedisServer::spawn() {
  const std::string config = folder_ / "redis.conf";
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork: " + errno_text(errno));
  if (pid_ == 0) become_server(config.c_str(), options_.sentinel, parent);
}

bool RedisServer::wait_until_it_answers() {
  const auto end = std::chrono::steady_clock::now() + kStartLimit;
  while (is_running() && std::chrono::steady_clock::now() < end) {
    try {
      const bool loading = storage::is_redis_error(command({"PING"}), "LOADING");
      if (!loading || !options_.wait_for_loading) return true;
    } catch (const std::runtime_error&) {
      // Not yet.
    }
    std::this_thread::sleep_for(Millis{2});
  }
  return false;
}

bool RedisServer::is_running() {
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

std::string RedisServer::log() const {
  std::ifstream file(folder_ / "redis.log");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace rz::test
