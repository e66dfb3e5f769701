#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "rz/server/request.h"

namespace rz::server {

/// Why a request is refused before anybody looks at what it asks for.
struct Refusal {
  int status = 400;
  std::string why;
};

/// What the first line and the headers of a request say.
struct RequestHead {
  Request request{};         ///< Its body is still to come.
  std::uint64_t length = 0;  ///< Of the body, unless it is chunked. The most where it is more.
  bool chunked = false;
  bool expects_continue = false;  ///< The client waits for a word before it sends the body.
  bool keep_alive = true;         ///< The client may ask again on this connection.
  bool is_old = false;            ///< It is HTTP/1.0.

  bool has_body() const { return chunked || length > 0; }
};

/// How many bytes of `text` are the head of a request, up to the empty line that ends it; nothing:
/// the end is not there yet. Nothing before `from` ends it, as an earlier call has found.
std::optional<std::size_t> find_head_end(std::string_view text, std::size_t from = 0);

/// Reads a head, which ends with its empty line, by the letter of RFC 9112: what a proxy before
/// this server may read otherwise is refused, since a request could hide behind it.
tl::expected<RequestHead, Refusal> parse_head(std::string_view text);

}  // namespace rz::server
