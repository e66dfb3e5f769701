#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"

namespace rz::test {

/// A request as it came in.
struct HttpServerRequest {
  std::string method{};                                        ///< Empty if it was no HTTP.
  std::string target{};                                        ///< Path and query.
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Names in lower case.
  std::string body{};

  /// The first header of that (lower-case) name, or "".
  std::string_view header(std::string_view name) const;
};

/// What to answer, and how badly. The plain one is `200`, no body, at once.
struct HttpServerReply {
  /// Until the server is destroyed: for a client that must give up.
  static constexpr Millis kForever{-1};

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Content-Length is added.
  std::string body{};
  std::uint64_t padding = 0;  ///< So many bytes `x` after the body, never all in memory.
  Millis delay{0};            ///< Before the first byte.
  /// The head at once, then the body byte by byte with this pause after each.
  std::optional<Millis> drip{};
  /// Bytes of the whole answer, head included, after which the connection is closed. 0: no answer.
  std::optional<std::uint64_t> close_after{};
  bool reset = false;  ///< That close is an RST: "connection reset by peer".
  std::string raw{};   ///< If not empty: sent in place of everything above, then closed.
};

/// A real HTTP/1.1 server on a free port of 127.0.0.1, with keep-alive and a thread for each
/// connection. Stops, and ends every delay, when it is destroyed; no test waits for it.
///
///     HttpServer server([](const HttpServerRequest& request) {
///       return HttpServerReply{.status = request.target == "/health" ? 200 : 404};
///     });
///     client->send({.url = server.url("/health")});
class HttpServer {
 public:
  /// Called from the threads of the connections, side by side.
  using Handler = std::function<HttpServerReply(const HttpServerRequest&)>;

  explicit HttpServer(Handler handler);
  /// The same answer to everything.
  explicit HttpServer(HttpServerReply reply = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  /// `http://127.0.0.1:PORT` and `target`.
  std::string url(std::string_view target = "/") const;

  /// Requests read so far.
  std::uint64_t count() const { return count_; }
  /// The first thousand of them, in the order in which they were read.
  std::vector<HttpServerRequest> requests() const;

 private:
  struct Connection {
    UniqueFd fd;
    std::thread thread;
    bool ended = false;
  };

  void accept_all();
  void serve(Connection& connection);
  bool answer(int fd, const HttpServerReply& reply, bool head_only);
  bool pause(Millis duration);

  Handler handler_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<std::uint64_t> count_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // Guarded by mutex_, as are the next two.
  std::list<Connection> connections_;
  std::vector<HttpServerRequest> requests_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 on which nothing listens while this lives: connections are refused.
class ClosedPort {
 public:
  ClosedPort();
  int port() const { return port_; }

 private:
  UniqueFd fd_;
  int port_ = 0;
};

}  // namespace rz::test
