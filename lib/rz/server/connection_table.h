#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rz/base/clock.h"

namespace rz::server {

/// What may be asked of a server at a time.
struct HttpLimits {
  std::size_t connections = 256;
  std::size_t connections_per_client = 64;
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  Millis request_timeout{10'000};
  Millis idle_timeout{30'000};
};

/// Which connections there are, whose they are, and since when each is what it is; decides which is
/// closed when there are too many, and whose time is over. So a client that sends nothing, or a
/// byte now and then, keeps nobody out: it is the first to be closed. Touches no socket. For one
/// thread.
class ConnectionTable {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What a connection is doing.
  enum class Phase {
    arriving,   ///< Nothing of its first request was read.
    receiving,  ///< A request has begun.
    answering,  ///< A whole request is here, and its answer is made.
    sending,    ///< The answer is on its way.
    idle,       ///< It was answered, and may ask again.
    lingering,  ///< It was answered, and is closed once the client has read that.
  };

  explicit ConnectionTable(const HttpLimits& limits) : limits_(limits) {}

  void set_limits(const HttpLimits& limits) { limits_ = limits; }

  /// Adds a connection. `client`: whose it is; empty: nobody's, so that it counts in the total
  /// alone. Returns that which must be closed for it, if any: it is then no longer counted, and
  /// must be closed. It may be the new one itself, where all others are being answered.
  std::optional<int> add(int fd, const std::string& client, Time now);
  void remove(int fd);
  void enter(int fd, Phase phase, Time now);

  /// Those whose time is over now, each once. What is being answered is never among them: that
  /// takes time of the server's own.
  std::vector<int> overdue(Time now);

  /// How many have a request that has begun, and whose answer the client may not have read.
  std::size_t busy() const;

  /// Those that are there and not about to be closed.
  std::size_t size() const { return counted_; }
  bool empty() const { return connections_.empty(); }

 private:
  struct Connection {
    std::string client;
    Phase phase = Phase::arriving;
    Time since;
    bool closing = false;
  };
  std::optional<Time> deadline_of(const Connection& connection) const;
  /// The one to be closed, of `client` or, if null, of all.
  std::optional<int> victim(const std::string* client) const;
  std::size_t count_of(const std::string& client) const;
  int give_up(int fd);

  HttpLimits limits_;
  std::unordered_map<int, Connection> connections_;
  std::size_t counted_ = 0;
};

}  // namespace rz::server
