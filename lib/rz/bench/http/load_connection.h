#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rz/base/file.h"
#include "rz/bench/http/load_options.h"
#include "rz/bench/http/load_recorder.h"
#include "rz/bench/http/load_request.h"
#include "rz/net/resolver.h"
#include "rz/net/tls_stream.h"

namespace rz::bench {

class LoadConnection;

inline LoadTime load_clock() { return std::chrono::steady_clock::now().time_since_epoch(); }

/// What the connections of a run share, and whom they tell.
class LoadHost {
 public:
  virtual ~LoadHost() = default;

  /// `connection` can take a request from now on.
  virtual void is_free(LoadConnection& connection, LoadTime now) = 0;
  /// It could not be made; what it was to carry next fails for this reason.
  virtual void could_not_connect(LoadConnection& connection, LoadError error, LoadTime now) = 0;
  /// Whether there will be anything to send on a new connection.
  virtual bool wants_connections() const = 0;

  const LoadOptions* options = nullptr;
  const std::vector<LoadRequest>* requests = nullptr;
  net::SocketAddress address;
  std::unique_ptr<net::TlsStreams> tls;  ///< Nullptr: without TLS.
  UniqueFd epoll;
  std::span<char> buffer;  ///< For one read at a time.
  LoadRecorder* recorder = nullptr;
  std::size_t in_flight = 0;
};

/// One connection to the server, and the requests on it. It connects by itself, again whenever it
/// was closed, and tells its host what becomes of each request: it is answered or it fails.
class LoadConnection {
 public:
  explicit LoadConnection(LoadHost& host) : host_(host) {}
  virtual ~LoadConnection() = default;
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  void connect(LoadTime now);
  /// What epoll_wait has told, at `now`. Events are hints: those of a socket that has been closed
  /// since do no harm.
  void on_event(std::uint32_t events, LoadTime now);
  /// Sees to what has become late. To be called a few times in each timeout.
  void tick(LoadTime now);

  bool is_open() const { return state_ == State::open; }
  bool is_connecting() const { return state_ == State::connecting || state_ == State::handshake; }
  /// Since when it could have taken a request, but for the time that connecting takes.
  LoadTime free_since() const { return free_since_; }
  void set_free_since(LoadTime time) { free_since_ = time; }
  virtual bool can_start() const = 0;
  /// Sends a request; can_start() holds.
  virtual void start(const LoadJob& job) = 0;
  /// Counts what is under way as abandoned.
  virtual void abandon() = 0;

  bool is_listed = false;  ///< Of its host: whether it is in the list of those that are free.

 protected:
  virtual void opened() = 0;
  virtual void writable(LoadTime now) = 0;
  /// `bytes` have come. Returns whether this connection still wants to read.
  virtual bool take(std::string_view bytes, LoadTime now) = 0;
  /// How many of the next bytes need not be looked at, and that they were left out.
  virtual std::uint64_t skippable() const { return 0; }
  virtual void skip(std::uint64_t) {}
  enum class Ending {
    closed,  ///< In good order.
    cut,     ///< Of TLS, without its farewell: what was received may not be all.
    reset,
  };
  /// The other side has ended the connection.
  virtual void ended(Ending ending, LoadTime now) = 0;
  virtual void check_timeouts(LoadTime now) = 0;
  virtual bool is_idle() const = 0;

  /// As many of `bytes` as can be sent now.
  net::StreamStep send_some(std::string_view bytes);
  /// Closes it and connects again; after a pause if it has been of no use.
  void reconnect(LoadTime now);
  std::string_view protocol() const { return tls_ ? tls_->protocol() : std::string_view{}; }
  void give_up(LoadError error, LoadTime now);
  /// What to say if no connection can be made at all. The first reason counts.
  void note_failure(std::string_view what);

  LoadHost& host_;
  bool peer_closes_ = false;  ///< Nothing more can be asked on it.
  bool was_useful_ = false;   ///< It has carried an answer.
  LoadTime free_since_{0};

 private:
  enum class State { closed, pausing, connecting, handshake, open };

  void read_all(LoadTime now);
  net::StreamStep read_some(bool& discarded);
  void wait_for(std::uint64_t bytes);
  void check_connected(LoadTime now);
  void shake_hands(LoadTime now);
  void close();
  void pause(LoadTime now);

  State state_ = State::closed;
  UniqueFd fd_;
  std::unique_ptr<net::TlsStream> tls_;
  LoadTime connect_began_{0};
  LoadTime connected_{0};
  LoadTime retry_at_{0};
  std::uint64_t awaited_ = 1;  ///< Bytes; an arrival of fewer is not told.
  int failures_ = 0;           ///< In a row.
};

/// A connection of HTTP/1.1, for one request at a time.
std::unique_ptr<LoadConnection> make_http1_connection(LoadHost& host);

}  // namespace rz::bench
