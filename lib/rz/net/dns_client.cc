#include "rz/net/dns_client.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/datagram_socket.h"
#include "rz/net/line_reader.h"
#include "rz/net/transport.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxMessage = 64 * 1024;

// Nobody who does not see the question can guess it.
std::uint16_t random_id() { return static_cast<std::uint16_t>(std::random_device{}()); }

// The answer to `query` among what comes until `deadline`.
Result<DnsAnswer> await_answer(DatagramSocket& socket, const std::string& query,
                               Deadline deadline) {
  std::string datagram(kMaxMessage, '\0');
  while (true) {
    TRY_ASSIGN(const std::size_t size, socket.receive(datagram, deadline));
    auto answer = read_dns_answer(std::string_view(datagram).substr(0, size), query);
    if (answer) return answer;
  }
}

Result<DnsAnswer> ask_by_udp(const HostPort& server, const std::string& query, Deadline deadline) {
  // A datagram may be lost; each further one is waited for twice as long.
  std::chrono::milliseconds patience{1'000};
  DatagramSocket socket;
  TRY(socket.connect(server.host, server.port, deadline));
  while (true) {
    TRY(socket.send(query));
    const Deadline until = std::min(deadline, steady_clock::now() + patience);
    auto answer = await_answer(socket, query, until);
    const bool silent = !answer && answer.error().code == ErrorCode::timeout;
    if (!silent || until == deadline) return answer;
    patience *= 2;
  }
}

// RFC 1035, section 4.2.2: each message has its length before it.
Result<DnsAnswer> ask_by_tcp(const HostPort& server, const std::string& query, Deadline deadline) {
  TRY_ASSIGN(const auto transport, connect_tcp(server.host, server.port, deadline));
  std::string framed;
  framed += static_cast<char>(query.size() >> 8);
  framed += static_cast<char>(query.size() & 0xff);
  framed += query;
  TRY(transport->write_all(framed, deadline));
  LineReader reader(*transport);
  TRY_ASSIGN(const std::string length, reader.bytes(2, deadline));
  const std::size_t size =
      static_cast<unsigned char>(length[0]) << 8 | static_cast<unsigned char>(length[1]);
  TRY_ASSIGN(const std::string message, reader.bytes(size, deadline));
  return read_dns_answer(message, query);
}

}  // namespace

Result<DnsAnswer> ask_name_server(const HostPort& server, const std::string& domain, DnsType type,
                                  Deadline deadline) {
  TRY_ASSIGN(std::string query, make_dns_query(domain, type, random_id(), true));
  auto answer = ask_by_udp(server, query, deadline);
  if (answer && answer->code == DnsCode::form_error) {
    // A server from before RFC 6891.
    TRY_ASSIGN(query, make_dns_query(domain, type, random_id(), false));
    answer = ask_by_udp(server, query, deadline);
  }
  if (answer && answer->truncated) return ask_by_tcp(server, query, deadline);
  return answer;
}

std::vector<HostPort> name_servers_of(std::string_view text) {
  constexpr std::size_t kMaxServers = 3;
  std::vector<HostPort> servers;
  for (const std::string_view line : split(text, '\n')) {
    constexpr std::string_view kKey = "nameserver";
    const std::string_view trimmed = trim(line);
    if (!trimmed.starts_with(kKey) || trimmed.size() == kKey.size()) continue;
    const std::string_view rest = trimmed.substr(kKey.size());
    if (!is_space(rest.front()) || servers.size() == kMaxServers) continue;
    const std::string_view address = trim(rest);
    servers.push_back({std::string(address.substr(0, address.find_first_of(" \t;#"))), kDnsPort});
  }
  if (servers.empty()) servers.push_back({"127.0.0.1", kDnsPort});
  return servers;
}

}  // namespace rz::net
