#pragma once

#include <sys/socket.h>

#include <string>

namespace rz::server {

/// Whose a connection from `address` is, as bytes that are equal for one client: an IPv4 address,
/// also where it came as an IPv6 one; of IPv6 the network of 64 bits, which one client has for
/// itself. Empty for a unix socket, which does not tell.
std::string client_of(const sockaddr_storage& address);

}  // namespace rz::server
