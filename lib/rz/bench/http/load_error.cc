#include "rz/bench/http/load_error.h"

namespace rz::bench {
namespace {

struct LoadErrorRow {
  std::string_view name;
  std::string_view explanation;
};

/// By LoadError.
constexpr LoadErrorRow kLoadErrorRows[] = {
    {"refused", "the connection was refused"},
    {"connect", "no connection could be made"},
    {"tls", "TLS failed"},
    {"timeout", "no complete answer came in time"},
    {"closed", "the server closed the connection before an answer"},
    {"truncated", "the server closed the connection within an answer"},
    {"reset", "the connection was reset"},
    {"bad_head", "the head of an answer is not HTTP/1.0 or HTTP/1.1"},
    {"head_size", "the head of an answer has more than 64 KiB"},
    {"bad_length", "an answer has two lengths or one that cannot be read"},
    {"bad_chunk", "a chunk of a body is damaged"},
    {"upgrade", "the server changed the protocol, unasked"},
    {"unsolicited", "the server sent more than was asked for"},
    {"http2", "the server broke the rules of HTTP/2"},
    {"stream_reset", "the server reset the stream of a request"},
};
static_assert(std::size(kLoadErrorRows) == kLoadErrors);

}  // namespace

std::string_view name_of(LoadError error) {
  return kLoadErrorRows[static_cast<std::size_t>(error)].name;
}

std::string_view explain(LoadError error) {
  return kLoadErrorRows[static_cast<std::size_t>(error)].explanation;
}

LoadError load_error_of(ResponseFault fault) {
  switch (fault) {
    case ResponseFault::head_size: return LoadError::head_size;
    case ResponseFault::length: return LoadError::length;
    case ResponseFault::chunk: return LoadError::chunk;
    case ResponseFault::upgrade: return LoadError::upgrade;
    default: return LoadError::head;
  }
}

}  // namespace rz::bench
