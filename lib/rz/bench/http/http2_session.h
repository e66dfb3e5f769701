#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rz/bench/http/load_request.h"

namespace rz::bench {

/// Is told what becomes of the requests of a session, each by the slot that it was given.
class Http2Listener {
 public:
  virtual ~Http2Listener() = default;
  virtual void began(std::size_t slot) = 0;  ///< The first of its answer is there.
  virtual void answered(std::size_t slot, int status, std::uint64_t bytes) = 0;
  /// The server reset or refused its stream.
  virtual void refused(std::size_t slot) = 0;
};

/// A client's side of one connection of HTTP/2 (RFC 9113): bytes in, bytes out, no socket.
class Http2Session {
 public:
  virtual ~Http2Session() = default;

  /// Asks for `requests[endpoint]` as `slot`, which is free. Whether it could.
  virtual bool submit(std::size_t slot, std::size_t endpoint) = 0;
  /// Gives the slot up: what comes for it is ignored.
  virtual void cancel(std::size_t slot) = 0;
  /// What the server has sent. False: it broke the rules, and the connection is of no more use.
  virtual bool receive(std::string_view bytes) = 0;
  /// What is to be sent next, and that so much of it was.
  virtual std::string_view output() = 0;
  virtual void sent(std::size_t bytes) = 0;
  /// Whether the server still takes further requests on this connection.
  virtual bool takes_requests() const = 0;
  /// How many at the same time.
  virtual std::size_t most_streams() const = 0;
};

}  // namespace rz::bench
