#include "rz/net/listen_address.h"

#include <doctest/doctest.h>

#include "support/results.h"

namespace rz::net {

TEST_CASE("addresses to listen on are written as they are read") {
  for (const char* text : {"127.0.0.1:80", "[::1]:8627", "localhost:1", "unix:/run/rz.sock"}) {
    CHECK(to_string(ok(parse_listen_address(text))) == text);
  }
  CHECK(std::get<UnixPath>(ok(parse_listen_address("unix:/a b"))).path == "/a b");
}

TEST_CASE("what is no address is refused with a way out") {
  CHECK(message_of(parse_listen_address("unix:run/x")) ==
        "the path of a unix socket begins with /: unix:/run/rz/health.sock");
  CHECK(message_of(parse_listen_address("unix:/" + std::string(107, 'x'))) ==
        "the path of a unix socket has at most 107 bytes");
  CHECK_FALSE(parse_listen_address("unix:/a" + std::string(1, '\0')).has_value());
  CHECK(message_of(parse_listen_address("80")) ==
        "'80' is not an address to listen on; write host:port, [v6]:port or unix:/path");
  CHECK(message_of(parse_listen_address(":80"))
            .ends_with("write 127.0.0.1:80 for this machine alone, [::]:80 for all networks"));
  CHECK_FALSE(parse_listen_address("host:0").has_value());
  CHECK_FALSE(parse_listen_address("::1:80").has_value());
}

}  // namespace rz::net
