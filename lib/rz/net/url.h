#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rz::net {

/// A host (an IPv6 address without its brackets) and a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
};

/// Reads `host:port` or `[v6]:port`, the port from 1 to 65535. Both `rz config check` and the code
/// that connects use this, so that they always agree.
std::optional<HostPort> parse_host_port(std::string_view text);

/// Whether `url` is `http://` or `https://` with a host, and with a valid port if it has one.
/// Stricter than libcurl, which accepts `http:///host`.
bool is_http_url(std::string_view url);

/// `url` as a message may show it: without userinfo, query and fragment, which may hold secrets. In
/// doubt it hides too much: of what is not a URL, everything up to the last `@` is removed.
std::string redacted_url(std::string_view url);

}  // namespace rz::net
