#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rz {

/// A host (an IPv6 address without its brackets) and a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
};

/// Reads `host:port` or `[v6]:port`, the port from 1 to 65535. The one judge of addresses, for
/// `rz config check` and for whoever connects.
std::optional<HostPort> parse_host_port(std::string_view text);

/// Whether `url` is `http://` or `https://` with a host, and a right port if there is one. The one
/// judge of such URLs: stricter than libcurl, which takes `http:///host`.
bool is_http_url(std::string_view url);

/// `url` as a message may show it: without userinfo, query and fragment, where secrets live. Errs
/// on the side of hiding: of what is not a URL, all up to the last `@` goes.
std::string redacted_url(std::string_view url);

}  // namespace rz
