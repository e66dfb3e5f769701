#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rz::server {

/// A request as it came in, whole. Every text may hold any bytes.
struct Request {
  std::string method{};
  std::string target{};  ///< As it was sent: `/ready/db?verbose`, percent-encoded.
  std::string accept{};
  std::string authorization{};
  std::string origin{};  ///< Browsers alone send it.
  std::string body{};
  bool local = true;  ///< It came over a loopback address or a unix socket.
};

/// What is answered. The body is shared, since many requests get the same one.
struct Answer {
  int status = 200;
  std::string content_type{};
  std::shared_ptr<const std::string> body{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< More than every answer has.
};

/// The media type of a plain text.
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

Answer make_answer(int status, std::string_view content_type, std::string body);

/// A plain text of one line.
Answer text_answer(int status, std::string line);

/// What a request asks for.
struct Target {
  std::string path;  ///< Still percent-encoded, so that a `/` within a name is no separator.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded.

  bool has(std::string_view key) const;
  /// The values of `key`, in their order.
  std::vector<std::string> all(std::string_view key) const;
};

/// Reads the target of a request, also one with scheme and host, as it is sent to a proxy. Nothing
/// if it has no path or its query cannot be decoded.
std::optional<Target> parse_target(std::string_view target);

/// Which of `offers`, media types without parameters, the header Accept prefers; of equal ones the
/// first. The first one, too, if it accepts none or cannot be read: an answer in another format
/// tells more than none. A type that is named outranks `*/*`, as in RFC 9110.
std::size_t preferred_type(std::string_view accept, const std::vector<std::string_view>& offers);

/// Whether the header Authorization shows `token` as a bearer token. The time that it takes tells
/// nothing of `token` but, perhaps, its length. Never for an empty token.
bool shows_token(std::string_view authorization, std::string_view token);

}  // namespace rz::server
