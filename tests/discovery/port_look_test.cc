#include "rz/discovery/port_look.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/http_server.h"
#include "support/patience.h"
#include "support/redis_server.h"
#include "support/scripted_server.h"

namespace rz::discovery {
namespace {

using test::await;
using test::hang;
using test::say;

ListeningPort at(int port, std::string process) {
  return {static_cast<std::uint16_t>(port), "127.0.0.1", std::move(process)};
}

PortLook look_at(const std::vector<test::ServerStep>& script, std::string process,
                 Millis timeout = test::kPatience) {
  const test::ScriptedServer server(script);
  return look_at_port(at(server.port(), std::move(process)), timeout);
}

}  // namespace

TEST_CASE("a real Redis is known by its answer") {
  const test::RedisServer server;
  const std::string url = server.url();
  const int port = std::stoi(url.substr(url.rfind(':') + 1));
  CHECK(look_at_port(at(port, "redis-server"), test::kPatience).service == Service::redis);
}

TEST_CASE("a server is known by what it says to its protocol's first words") {
  CHECK(look_at({await("PING\r\n"), say("-NOAUTH Authentication required.\r\n")}, "valkey-server")
            .service == Service::redis_with_password);
  CHECK(look_at({await("PING\r\n"), say("220 mail\r\n")}, "redis-server").service ==
        Service::unknown);
  CHECK(look_at({await("\x2f"), say("N")}, "postgres").service == Service::postgres);
  CHECK(look_at({await("\x2f"), say("H")}, "postgres").service == Service::unknown);
  CHECK(look_at({say(std::string_view("\x4a\0\0\0\x0a", 5)), hang()}, "mariadbd").service ==
        Service::mysql);
  const PortLook http =
      look_at({await("\r\n\r\n"), say("HTTP/1.1 404 Not Found\r\n\r\n")}, "nginx");
  CHECK(http.service == Service::http);
  CHECK(http.http_status == 404);
  CHECK(look_at({await("\r\n\r\n"), say("HTTP/1.1 OK\r\n")}, "nginx").service == Service::unknown);
}

TEST_CASE("a port that promises nothing is left alone") {
  // It would answer, if it were asked.
  CHECK(look_at({say("+PONG\r\n")}, "something").service == Service::unknown);
}

TEST_CASE("one that is silent, or closed, is unknown") {
  CHECK(look_at({hang()}, "redis-server", Millis{50}).service == Service::unknown);
  CHECK(look_at_port(at(1, "redis-server"), test::kPatience).service == Service::unknown);
}

}  // namespace rz::discovery
