#include "rz/net/url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "rz/base/text.h"

namespace rz::net {
namespace {

// Whether `text` is `host`, `host:port` or `[v6]:port`. A `/` in a password that should have been
// written as `%2F` makes `user:pass` look like a host and a port; mostly the port is then no
// number.
bool is_host_and_port(std::string_view text) {
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = text.find(':', host_end);
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_digit);
}

// Where what may be userinfo ends in a URL without its scheme: after an `@`, or at 0.
std::size_t userinfo_end(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view up_to_query = rest.substr(0, rest.find_first_of("?#"));
  // rfind's npos plus one is 0.
  if (authority.find('@') != std::string_view::npos) return authority.rfind('@') + 1;
  if (!is_host_and_port(authority)) return rest.rfind('@') + 1;
  // `http://user:12/34@host`: a password, or a path on port 12.
  if (authority.find(':') != std::string_view::npos) return up_to_query.rfind('@') + 1;
  return 0;
}

// With its scope, if it has one: `fe80::1%eth0`.
bool is_ipv6(std::string_view text) {
  const std::size_t scope = std::min(text.find('%'), text.size());
  const std::string address(text.substr(0, scope));
  in6_addr parsed{};
  if (::inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return false;
  const std::string_view rest = text.substr(scope);
  return rest.empty() || (rest.size() > 1 && std::all_of(rest.begin() + 1, rest.end(), [](char c) {
                            return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
                          }));
}

// Bytes beyond ASCII are allowed, for internationalized names.
bool is_host_name(std::string_view text) {
  return !text.empty() && printable(text) == text &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`; port 0 where none is given.
std::optional<HostPort> parse_authority(std::string_view text) {
  HostPort parsed;
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    parsed.host = text.substr(1, bracket - 1);
    if (!is_ipv6(parsed.host)) return std::nullopt;
    end = bracket + 1;
  } else {
    end = std::min(end, text.size());
    parsed.host = text.substr(0, end);
    if (!is_host_name(parsed.host)) return std::nullopt;
  }
  if (end == text.size()) return parsed;
  const std::string_view port = text.substr(end + 1);
  const auto number = parse_int(port);
  if (text[end] != ':' || port.empty() || !is_digit(port[0]) || !number || *number < 1 ||
      *number > 65535) {
    return std::nullopt;
  }
  parsed.port = static_cast<std::uint16_t>(*number);
  return parsed;
}

}  // namespace

std::optional<HostPort> parse_host_port(std::string_view text) {
  auto parsed = parse_authority(text);
  return parsed && parsed->port > 0 ? parsed : std::nullopt;
}

bool is_http_url(std::string_view url) {
  const std::string lower = to_lower(url.substr(0, 8));
  const std::size_t scheme = lower.starts_with("https://")  ? 8
                             : lower.starts_with("http://") ? 7
                                                            : 0;
  if (scheme == 0) return false;
  const bool clean = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
  });
  const std::string_view rest = url.substr(scheme);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return clean && parse_authority(authority.substr(authority.rfind('@') + 1)).has_value();
}

std::string redacted_url(std::string_view url) {
  const std::size_t mark = url.find("://");
  const bool has_scheme = mark != std::string_view::npos && url.find('@') > mark;
  const std::string_view scheme = has_scheme ? url.substr(0, mark + 3) : "";
  std::string_view rest = url.substr(scheme.size());
  rest.remove_prefix(has_scheme ? userinfo_end(rest) : rest.rfind('@') + 1);
  return std::string(scheme).append(rest.substr(0, rest.find_first_of("?#")));
}

}  // namespace rz::net
