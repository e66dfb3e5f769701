#include "rz/discovery/port_look.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/line_reader.h"
#include "rz/net/transport.h"

namespace rz::discovery {
namespace {

/// Who speaks a protocol: by the name of the process, or, where that is not known, by the port.
struct Speakers {
  Service service;
  std::span<const std::string_view> processes;
  std::span<const std::uint16_t> ports;
};

constexpr std::string_view kRedisNames[] = {"redis-server", "valkey-server", "keydb-server",
                                            "redict-server"};
constexpr std::uint16_t kRedisPorts[] = {6379};
constexpr std::string_view kPostgresNames[] = {"postgres", "postmaster"};
constexpr std::uint16_t kPostgresPorts[] = {5432};
constexpr std::string_view kMysqlNames[] = {"mysqld", "mariadbd"};
constexpr std::uint16_t kMysqlPorts[] = {3306};
constexpr std::string_view kHttpNames[] = {"nginx",    "apache2",  "httpd",     "caddy",
                                           "lighttpd", "haproxy",  "traefik",   "varnishd",
                                           "envoy",    "gunicorn", "prometheus"};
constexpr std::uint16_t kHttpPorts[] = {80, 3000, 5000, 8000, 8008, 8080, 8081, 8888, 9090, 9100};

constexpr Speakers kSpeakers[] = {{Service::redis, kRedisNames, kRedisPorts},
                                  {Service::postgres, kPostgresNames, kPostgresPorts},
                                  {Service::mysql, kMysqlNames, kMysqlPorts},
                                  {Service::http, kHttpNames, kHttpPorts}};

template <class T>
bool is_among(std::span<const T> all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Service promised_by(const ListeningPort& port) {
  for (const Speakers& speakers : kSpeakers) {
    if (is_among<std::string_view>(speakers.processes, port.process)) return speakers.service;
  }
  for (const Speakers& speakers : kSpeakers) {
    if (is_among<std::uint16_t>(speakers.ports, port.port)) return speakers.service;
  }
  return Service::unknown;
}

Result<PortLook> look_redis(net::Transport& transport, Deadline deadline) {
  TRY(transport.write_all("PING\r\n", deadline));
  TRY_ASSIGN(const std::string answer, net::LineReader(transport).line(deadline));
  if (answer == "+PONG") return PortLook{Service::redis};
  const bool closed = answer.starts_with("-NOAUTH") || answer.starts_with("-NOPERM") ||
                      answer.starts_with("-ERR operation not permitted");
  return PortLook{closed ? Service::redis_with_password : Service::unknown};
}

// PostgreSQL's documentation, "SSL Session Encryption".
Result<PortLook> look_postgres(net::Transport& transport, Deadline deadline) {
  TRY(transport.write_all(std::string_view("\0\0\0\x08\x04\xd2\x16\x2f", 8), deadline));
  TRY_ASSIGN(const std::string answer, net::LineReader(transport).bytes(1, deadline));
  return PortLook{answer == "S" || answer == "N" ? Service::postgres : Service::unknown};
}

// The first packet begins with its length and its number, and then the version of the protocol.
Result<PortLook> look_mysql(net::Transport& transport, Deadline deadline) {
  TRY_ASSIGN(const std::string head, net::LineReader(transport).bytes(5, deadline));
  const bool greets = head[3] == '\0' && head[4] == '\x0a';
  return PortLook{greets ? Service::mysql : Service::unknown};
}

Result<PortLook> look_http(net::Transport& transport, Deadline deadline) {
  TRY(
      transport.write_all("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: rz\r\nAccept: */*\r\n"
                          "Connection: close\r\n\r\n",
                          deadline));
  TRY_ASSIGN(const std::string line, net::LineReader(transport).line(deadline));
  // `HTTP/1.1 200 OK`
  constexpr std::size_t kStatus = 9;
  if (!line.starts_with("HTTP/1.") || line.size() < kStatus + 3) return PortLook{};
  const auto status = parse_int(std::string_view(line).substr(kStatus, 3));
  if (!status || *status < 100 || *status > 599) return PortLook{};
  return PortLook{Service::http, static_cast<int>(*status)};
}

Result<PortLook> look(const ListeningPort& port, Service promised, Deadline deadline) {
  TRY_ASSIGN(const auto transport, net::connect_tcp(port.host, port.port, deadline));
  switch (promised) {
    case Service::redis: return look_redis(*transport, deadline);
    case Service::postgres: return look_postgres(*transport, deadline);
    case Service::mysql: return look_mysql(*transport, deadline);
    case Service::http: return look_http(*transport, deadline);
    case Service::redis_with_password:
    case Service::unknown: break;
  }
  return PortLook{};
}

}  // namespace

PortLook look_at_port(const ListeningPort& port, Millis timeout) {
  const Service promised = promised_by(port);
  if (promised == Service::unknown) return {};
  return look(port, promised, std::chrono::steady_clock::now() + timeout).value_or(PortLook{});
}

}  // namespace rz::discovery
