#include "rz/discovery/listening_ports.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>

#include "discovery/fake_host.h"
#include "rz/base/file.h"

namespace rz::discovery {
namespace {

using testing::FakeHost;

std::vector<ListeningPort> ports_of(const FakeHost& host) {
  return read_listening_ports(host.path() + "/proc");
}

}  // namespace

TEST_CASE("ports that accept connections are found, with their processes, each once") {
  const FakeHost host;
  host.sockets("tcp", FakeHost::row("0100007F:18EB", "0A", "11") +      // 127.0.0.1:6379
                          FakeHost::row("00000000:0050", "0A", "12") +  // *:80
                          FakeHost::row("0A00000A:1F90", "0A", "13") +  // 10.0.0.10:8080
                          FakeHost::row("0100007F:C350", "01", "14"));  // connected
  host.sockets("tcp6", FakeHost::row("00000000000000000000000000000000:0050", "0A", "15") +
                           FakeHost::row("00000000000000000000000001000000:0016", "0A", "16") +
                           FakeHost::row("0000000000000000FFFF00000100007F:0017", "0A", "17"));
  host.process(7, "redis-server", "11");
  host.process(8, "nginx", "12");
  CHECK(ports_of(host) == std::vector<ListeningPort>{{22, "::1", ""},
                                                     {23, "127.0.0.1", ""},
                                                     {80, "127.0.0.1", "nginx"},
                                                     {6379, "127.0.0.1", "redis-server"},
                                                     {8080, "10.0.0.10", ""}});
}

TEST_CASE("rows that are cut off or of another form are left out") {
  const FakeHost host;
  host.sockets("tcp",
               "   0: 0100007F:18EB 00000000:0000 0A\n"
               "   0: 0100007F 0 0A 0 0 0 0 0 11\n"
               "   0: XXXXXXXX:0050 0 0A 0 0 0 0 0 11\n"
               "   0: 0100007F:0000 0 0A 0 0 0 0 0 11\n"
               "   0: 0100007F:1FFFF 0 0A 0 0 0 0 0 11\n"
               "\n\xff\n");
  CHECK(ports_of(host).empty());
  CHECK(read_listening_ports("/nonexistent").empty());
}

TEST_CASE("a port of this very process is found") {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const auto ports = read_listening_ports();
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const ListeningPort& port) {
    return port.port == ntohs(address.sin_port);
  });
  REQUIRE(found != ports.end());
  CHECK(found->host == "127.0.0.1");
  CHECK(found->process == "discovery_tests");
}

}  // namespace rz::discovery
