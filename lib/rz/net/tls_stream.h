#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/net/tls_options.h"

namespace rz::net {

/// What came of a call that never waits.
struct StreamStep {
  enum class State {
    done,    ///< With `bytes`, at least one.
    again,   ///< Once the socket has become readable or writable.
    closed,  ///< The other side has closed in good order.
    failed,  ///< See TlsStream::error().
  };
  State state = State::again;
  std::size_t bytes = 0;
};

/// TLS over a non-blocking socket, for whoever watches its sockets itself (edge-triggered: a call
/// that answers `again` has read or written all that could be). The socket is not its own.
class TlsStream {
 public:
  virtual ~TlsStream() = default;

  /// To be called until it is `done`, before anything else.
  virtual StreamStep shake_hands() = 0;
  virtual StreamStep read(std::span<char> buffer) = 0;
  virtual StreamStep write(std::string_view bytes) = 0;
  /// Whether something was received that read() has not given yet.
  virtual bool has_pending() const = 0;
  /// What was agreed on by ALPN; empty: nothing.
  virtual std::string_view protocol() const = 0;
  /// Why a call failed: as those of TlsClient.
  virtual Error error() const = 0;
};

/// Makes such streams to one server. Every handshake is a whole one: no session is resumed.
class TlsStreams {
 public:
  virtual ~TlsStreams() = default;
  /// Over the socket `fd`. Nullptr if there is no memory.
  virtual std::unique_ptr<TlsStream> open(int fd) = 0;
};

/// Streams to `host`, a name or an address, that offer `protocols` by ALPN: `h2`, `http/1.1`. Loads
/// OpenSSL. Errors: as make_tls_client().
Result<std::unique_ptr<TlsStreams>> make_tls_streams(const TlsOptions& options,
                                                     const std::string& host,
                                                     const std::vector<std::string>& protocols);

}  // namespace rz::net
