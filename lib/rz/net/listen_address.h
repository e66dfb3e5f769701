#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "rz/base/result.h"
#include "rz/net/url.h"

namespace rz::net {

/// A unix socket at a path that does not depend on the working folder.
struct UnixPath {
  std::string path;

  bool operator==(const UnixPath&) const = default;
};

/// Where a server listens.
using ListenAddress = std::variant<HostPort, UnixPath>;

/// Reads `host:port`, `[v6]:port` or `unix:/path`.
/// Errors: invalid_argument, with what is expected.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// As parse_listen_address() reads it.
std::string to_string(const ListenAddress& address);

}  // namespace rz::net
