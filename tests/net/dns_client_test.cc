#include "rz/net/dns_client.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "support/name_server.h"
#include "support/patience.h"
#include "support/results.h"

namespace rz::net {
namespace {

HostPort at(int port) { return {"127.0.0.1", static_cast<std::uint16_t>(port)}; }

Result<DnsAnswer> ask_a(int port, Millis patience = test::kPatience) {
  return ask_name_server(at(port), "x.test", DnsType::a,
                         std::chrono::steady_clock::now() + patience);
}

TEST_CASE("what others send in between is ignored") {
  const test::FakeNameServer server([](const std::string& query) -> std::vector<std::string> {
    std::string forged = test::answer_with_code(query, 3);
    forged[0] = static_cast<char>(forged[0] ^ 1);
    return {"junk", forged, "", test::answer_with_code(query, 5)};
  });
  CHECK(ok(ask_a(server.port())).code == DnsCode::refused);
}

TEST_CASE("a lost datagram is sent again") {
  int count = 0;
  const test::FakeNameServer server([&](const std::string& query) -> std::vector<std::string> {
    if (++count == 1) return {};
    return {test::answer_with_code(query, 0)};
  });
  CHECK(ok(ask_a(server.port())).code == DnsCode::no_error);
}

TEST_CASE("a server that does not know of extensions is asked without") {
  const test::FakeNameServer server([](const std::string& query) -> std::vector<std::string> {
    const bool extended = query[11] != '\0';
    return {test::answer_with_code(query, extended ? 1 : 0)};
  });
  CHECK(ok(ask_a(server.port())).code == DnsCode::no_error);
}

TEST_CASE("silence is a timeout, and a closed port is unavailable") {
  const test::FakeNameServer silent([](const std::string&) { return std::vector<std::string>{}; });
  CHECK(code_of(ask_a(silent.port(), Millis{20})) == ErrorCode::timeout);
  CHECK(code_of(ask_a(test::unused_port(SOCK_DGRAM))) == ErrorCode::unavailable);
}

TEST_CASE("the servers of the system are those that its file lists") {
  const auto servers = name_servers_of(
      "# nameserver 9.9.9.9\nsearch a.b\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 # x\n"
      "nameservers 1.1.1.1\nnameserver 192.0.2.3\nnameserver 192.0.2.4\nnameserver\n");
  REQUIRE(servers.size() == 3);
  CHECK(servers[0] == HostPort{"192.0.2.1", 53});
  CHECK(servers[1] == HostPort{"2001:db8::1", 53});
  CHECK(servers[2] == HostPort{"192.0.2.3", 53});
  CHECK(name_servers_of("") == std::vector<HostPort>{{"127.0.0.1", 53}});
}

}  // namespace
}  // namespace rz::net
