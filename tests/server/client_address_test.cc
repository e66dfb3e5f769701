#include "rz/server/client_address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

namespace rz::server {
namespace {

std::string client_at(int family, const char* text) {
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  void* at = family == AF_INET
                 ? static_cast<void*>(&reinterpret_cast<sockaddr_in&>(address).sin_addr)
                 : static_cast<void*>(&reinterpret_cast<sockaddr_in6&>(address).sin6_addr);
  REQUIRE(::inet_pton(family, text, at) == 1);
  return client_of(address);
}

}  // namespace

TEST_CASE("a client is an address, or a network of IPv6, and a unix socket is nobody's") {
  CHECK(client_at(AF_INET, "192.0.2.1") != client_at(AF_INET, "192.0.2.2"));
  CHECK(client_at(AF_INET, "192.0.2.1") == client_at(AF_INET6, "::ffff:192.0.2.1"));
  CHECK(client_at(AF_INET6, "2001:db8::1") == client_at(AF_INET6, "2001:db8::ffff:2"));
  CHECK(client_at(AF_INET6, "2001:db8::1") != client_at(AF_INET6, "2001:db8:0:1::1"));
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  CHECK(client_of(local).empty());
}

}  // namespace rz::server
