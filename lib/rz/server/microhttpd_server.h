#pragma once

/// HTTP by libmicrohttpd: it reads requests, writes answers, and keeps the grammar of HTTP, which
/// has been attacked for twenty years. What it lacks stands here: it has a timeout for silence, but
/// none for a client that sends a byte now and then; it refuses new connections where there are too
/// many, instead of those that do nothing; and it listens at one address. So the sockets are
/// accepted here and handed to it, and a ConnectionTable says which are closed.

#include <microhttpd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "rz/base/file.h"
#include "rz/server/http_server.h"

namespace rz::server {

/// A request from its first line to the end of its answer.
struct Exchange {
  std::uint64_t number = 0;
  Request request;
  bool seen = false;     ///< Its head was read.
  bool handled = false;  ///< The handler has it.
  std::size_t body_bytes = 0;
  std::optional<Answer> answer;
};

/// What libmicrohttpd has read in the first line of a request, beside its target.
struct FirstLine {
  const char* method;
  const char* version;  ///< `HTTP/1.1`.
};

/// A connection that libmicrohttpd serves.
struct Link {
  int fd = -1;
  bool local = false;
  MHD_Connection* connection = nullptr;
  std::unique_ptr<Exchange> exchange;
  ConnectionTable::Time suspended_until;
};

struct DaemonDeleter {
  void operator()(MHD_Daemon* daemon) const { ::MHD_stop_daemon(daemon); }
};

class MicrohttpdServer final : public HttpServer {
 public:
  MicrohttpdServer(std::vector<Listener> listeners, const HttpLimits& limits,
                   RequestHandler& handler)
      : listeners_(std::move(listeners)), handler_(handler), limits_(limits), table_(limits) {}

  ~MicrohttpdServer() override { end_all(); }

  Result<void> start();

  void run() override {
    while (!done()) {
      beat_ = std::chrono::steady_clock::now();
      sleep();
      run_posted();
      accept_all();
      ::MHD_run(daemon_.get());
      close_overdue();
    }
    end_all();
  }

  void answer(std::uint64_t exchange, Answer answer) override {
    post([this, exchange, answer = std::move(answer)]() mutable {
      finish(exchange, std::move(answer));
    });
  }
  void stop_keeping_alive() override { keep_alive_ = false; }
  void drain() override {
    keep_alive_ = false;
    post([this] {
      listeners_.clear();
      draining_since_ = std::chrono::steady_clock::now();
    });
  }
  void set_limits(const HttpLimits& limits) override {
    post([this, limits] {
      limits_ = limits;
      table_.set_limits(limits);
    });
  }
  std::chrono::steady_clock::time_point last_beat() const override { return beat_; }

 private:
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char*,
                               const char* method, const char* version, const char* data,
                               std::size_t* size, void** exchange) {
    auto* server = static_cast<MicrohttpdServer*>(self);
    return server->take(connection, {method, version}, data, size, exchange);
  }
  static void* on_target(void* self, const char* target, MHD_Connection* connection) {
    return static_cast<MicrohttpdServer*>(self)->begin(target, connection);
  }
  static void on_completed(void* self, MHD_Connection* connection, void**,
                           MHD_RequestTerminationCode) {
    static_cast<MicrohttpdServer*>(self)->complete(connection);
  }
  static void on_connection(void* self, MHD_Connection* connection, void** link,
                            MHD_ConnectionNotificationCode what) {
    auto* server = static_cast<MicrohttpdServer*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      *link = server->connect(connection);
    } else if (*link != nullptr) {
      server->disconnect(static_cast<Link*>(*link)->fd);
      *link = nullptr;
    }
  }

  bool done() const;
  void sleep();
  void post(std::function<void()> work);
  void run_posted();

  void accept_all();
  void accept_some(const Listener& listener);
  void pause_accepting(int error);
  void admit(UniqueFd fd, const sockaddr_storage& address, socklen_t size, bool local);
  void close_overdue();
  void shut(int fd) { ::shutdown(fd, SHUT_RDWR); }

  Link* connect(MHD_Connection* connection);
  void disconnect(int fd);
  static Link* link_of(MHD_Connection* connection);
  void* begin(const char* target, MHD_Connection* connection);
  MHD_Result take(MHD_Connection* connection, const FirstLine& line, const char* data,
                  std::size_t* size, void** exchange);
  MHD_Result take_head(Link& link, const FirstLine& line);
  void read_head(MHD_Connection* connection, const char* method, bool local, Exchange& exchange);
  std::optional<Answer> answer_to_head(MHD_Connection* connection, const Request& head);
  MHD_Result take_body(const char* data, std::size_t* size, Exchange& exchange);
  MHD_Result handle(Link& link, Exchange& exchange);
  MHD_Result send(Link& link, const Answer& answer, bool last = false);
  void complete(MHD_Connection* connection);
  void finish(std::uint64_t exchange, Answer answer);
  void end_all();
  HttpCounts counts() const { return {table_.size(), closed_full_, timed_out_}; }

  std::vector<Listener> listeners_;
  RequestHandler& handler_;
  HttpLimits limits_;
  ConnectionTable table_;
  UniqueFd wake_;
  int served_fd_ = -1;  ///< Readable when libmicrohttpd has something to do.
  std::unordered_map<int, std::unique_ptr<Link>> links_;
  std::map<std::uint64_t, int> suspended_;  ///< By exchange, the connection.
  std::unique_ptr<MHD_Daemon, DaemonDeleter> daemon_;
  std::uint64_t next_exchange_ = 1;
  std::uint64_t closed_full_ = 0;
  std::uint64_t timed_out_ = 0;
  std::chrono::steady_clock::time_point no_accept_until_{};
  std::chrono::steady_clock::time_point next_look_{};  ///< For connections whose time is over.
  std::optional<std::chrono::steady_clock::time_point> draining_since_;
  bool accept_failure_told_ = false;
  std::atomic<bool> keep_alive_{true};
  std::atomic<std::chrono::steady_clock::time_point> beat_{std::chrono::steady_clock::now()};
  std::mutex mutex_;  ///< Guards what follows.
  std::vector<std::function<void()>> posted_;
};

}  // namespace rz::server
