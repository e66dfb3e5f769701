#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/server/connection_table.h"
#include "rz/server/listener.h"
#include "rz/server/request.h"

namespace rz::server {

/// What a server knows of its connections.
struct HttpCounts {
  std::uint64_t connections = 0;
  std::uint64_t closed_full = 0;
  std::uint64_t timed_out = 0;
};

/// Answers requests. Called on the thread of HttpServer::run().
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// The answer to a request that has a body, where that need not be read for it: most often it is
  /// refused. Nothing: the body is read, and handle() is called.
  virtual std::optional<Answer> handle_head(const Request& head, const HttpCounts& counts) = 0;
  /// The answer, at once; or nothing, and HttpServer::answer() is called for `exchange` later. Must
  /// never wait: everybody else waits meanwhile.
  virtual std::optional<Answer> handle(const Request& request, std::uint64_t exchange,
                                       const HttpCounts& counts) = 0;
  /// The answer where handle() gave none for `exchange` and the time of the request is over.
  virtual Answer give_up(std::uint64_t exchange) = 0;
  /// An answer with this status is sent.
  virtual void answered(int status) = 0;
  /// What an operator should know; may hold bytes from outside.
  virtual void note(const std::string& what) = 0;
};

/// A server of HTTP/1.1 over sockets that listen already. One thread waits for all connections.
class HttpServer {
 public:
  virtual ~HttpServer() = default;

  /// Serves until drain() has been called and every request that had begun is answered, or its time
  /// is over.
  virtual void run() = 0;

  // From any thread:

  /// The answer to a request for which the handler gave none. Ignored where its time is over.
  virtual void answer(std::uint64_t exchange, Answer answer) = 0;
  /// Each answer from now on closes its connection.
  virtual void stop_keeping_alive() = 0;
  /// Accepts no more connections, and lets run() end.
  virtual void drain() = 0;
  /// Lets run() end at once, whatever has begun.
  virtual void stop() = 0;
  virtual void set_limits(const HttpLimits& limits) = 0;
  /// When its thread was last seen to go on.
  virtual std::chrono::steady_clock::time_point last_beat() const = 0;
};

/// Errors: unavailable (a missing library, no descriptors).
Result<std::unique_ptr<HttpServer>> make_http_server(std::vector<Listener> listeners,
                                                     const HttpLimits& limits,
                                                     RequestHandler& handler);

}  // namespace rz::server
