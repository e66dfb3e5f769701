#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rz/bench/http/response_scanner.h"

namespace rz::bench {

/// How a request can fail. A status of 400 or more is a failure, too, but also an answer.
enum class LoadError : std::uint8_t {
  refused,      ///< The connection was refused.
  connect,      ///< No connection for another reason.
  tls,          ///< No TLS, or not with a server that is trusted.
  timeout,      ///< No connection or no complete answer in time.
  closed,       ///< The server closed the connection before an answer.
  truncated,    ///< It closed it within the answer.
  reset,        ///< The connection was reset.
  head,         ///< The head of the answer is not HTTP.
  head_size,    ///< It is endless.
  length,       ///< The answer has two lengths or a wrong one.
  chunk,        ///< A chunk of the body is wrong.
  upgrade,      ///< The server changed the protocol, unasked.
  unsolicited,  ///< More came than was asked for.
  http2,        ///< The connection broke the rules of HTTP/2.
  stream,       ///< The server reset the stream of the request, or refused it.
};

inline constexpr std::size_t kLoadErrors = 15;

/// By kind, how many.
using LoadErrorCounts = std::array<std::uint64_t, kLoadErrors>;

/// `refused`, `bad_chunk`: as reports and thresholds name it.
std::string_view name_of(LoadError error);

/// `the connection was refused`: half a sentence for a person.
std::string_view explain(LoadError error);

LoadError load_error_of(ResponseFault fault);

}  // namespace rz::bench
