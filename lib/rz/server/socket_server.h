#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rz/base/file.h"
#include "rz/server/http_body.h"
#include "rz/server/http_head.h"
#include "rz/server/http_server.h"
#include "rz/server/outgoing_answer.h"

namespace rz::server {

/// A connection, from its accept to its close.
struct HttpConnection {
  enum class State {
    head,       ///< A request is expected, or its head is arriving.
    body,       ///< The body of one is arriving.
    answering,  ///< The handler has it, and answers later.
    sending,    ///< The answer is on its way.
    lingering,  ///< All is sent. What still arrives is thrown away: a close before would take the
                ///< answer from a client that has not read it.
    closed,     ///< To be removed.
  };

  UniqueFd fd{};
  bool local = false;
  State state = State::head;
  std::uint32_t awaited = EPOLLIN;  ///< What epoll tells of it.
  std::string in{};                 ///< What has arrived and is not used yet.
  std::size_t searched = 0;         ///< In its first bytes no head ends.
  bool begun = false;               ///< Something of a request has arrived.
  RequestHead request{};            ///< The present one.
  std::optional<BodyReader> body{};
  std::uint64_t exchange = 0;
  std::chrono::steady_clock::time_point answer_until{};
  OutgoingAnswer out{};
  bool last = false;    ///< It is closed behind the present answer.
  bool unread = false;  ///< The client may still be sending what nobody reads.
};

/// HTTP/1.1 over epoll, on one thread. A ConnectionTable decides which connections are closed when
/// there are too many, and when the time of one is over.
class SocketServer final : public HttpServer {
 public:
  SocketServer(std::vector<Listener> listeners, const HttpLimits& limits, RequestHandler& handler)
      : listeners_(std::move(listeners)), handler_(handler), limits_(limits), table_(limits) {}

  /// Errors: unavailable (no descriptors).
  Result<void> start();

  void run() override;
  void answer(std::uint64_t exchange, Answer answer) override;
  void stop_keeping_alive() override { keep_alive_ = false; }
  void drain() override;
  void stop() override;
  void set_limits(const HttpLimits& limits) override;
  std::chrono::steady_clock::time_point last_beat() const override { return beat_; }

 private:
  using Connection = HttpConnection;
  using State = HttpConnection::State;

  bool done() const;
  void turn();
  int patience() const;
  void post(std::function<void()> work);
  void run_posted();
  bool watch(int fd, std::uint32_t events, int operation) const;

  // socket_server_connections.cc
  const Listener* listener_at(int fd) const;
  void accept_some(const Listener& listener);
  void pause_accepting(int error);
  void accept_again();
  void admit(UniqueFd fd, const std::string& client, bool local);
  void look_at_times();
  void serve(int fd, std::uint32_t events);
  void settle(Connection& connection);
  void close(int fd);

  // socket_server_requests.cc
  void receive(Connection& connection);
  void advance(Connection& connection);
  bool take_head(Connection& connection);
  bool take_body(Connection& connection);
  void begin_request(Connection& connection, RequestHead head);
  void handle(Connection& connection);
  void refuse(Connection& connection, Refusal refusal);
  void send(Connection& connection, const Answer& answer);
  void send_more(Connection& connection);
  void end_answer(Connection& connection);
  void discard(Connection& connection);
  void finish(std::uint64_t exchange, const Answer& answer);
  void give_up(std::uint64_t exchange) { finish(exchange, handler_.give_up(exchange)); }
  HttpCounts counts() const { return {table_.size(), closed_full_, timed_out_}; }

  std::vector<Listener> listeners_;
  RequestHandler& handler_;
  HttpLimits limits_;
  ConnectionTable table_;
  UniqueFd epoll_;
  UniqueFd wake_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::map<std::uint64_t, int> waiting_;  ///< By exchange, the connection that is being answered.
  std::uint64_t next_exchange_ = 1;
  std::uint64_t closed_full_ = 0;
  std::uint64_t timed_out_ = 0;
  bool accepts_ = true;
  std::chrono::steady_clock::time_point no_accept_until_{};
  std::chrono::steady_clock::time_point next_accept_note_{};
  std::chrono::steady_clock::time_point next_look_{};  ///< For connections whose time is over.
  std::optional<std::chrono::steady_clock::time_point> draining_since_;
  bool stopped_ = false;
  std::atomic<bool> keep_alive_{true};
  std::atomic<std::chrono::steady_clock::time_point> beat_{std::chrono::steady_clock::now()};
  std::mutex mutex_;  ///< Guards what follows.
  std::vector<std::function<void()>> posted_;
};

}  // namespace rz::server
