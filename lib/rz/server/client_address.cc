#include "rz/server/client_address.h"

#include <netinet/in.h>

namespace rz::server {

std::string client_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return {reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr};
  }
  if (address.ss_family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  const auto* bytes = reinterpret_cast<const char*>(&v6.sin6_addr);
  constexpr std::size_t kMappedAt = 12;
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return {bytes + kMappedAt, sizeof(in_addr)};
  constexpr std::size_t kNetwork = 8;
  return {bytes, kNetwork};
}

}  // namespace rz::server
