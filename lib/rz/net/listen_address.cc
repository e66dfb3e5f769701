#include "rz/net/listen_address.h"

#include <sys/un.h>

#include "rz/base/text.h"

namespace rz::net {
namespace {

constexpr std::string_view kUnix = "unix:";

Result<ListenAddress> parse_unix_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return fail(ErrorCode::invalid_argument,
                "the path of a unix socket begins with /: unix:/run/rz/health.sock");
  }
  if (path.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "the path of a unix socket holds a NUL byte");
  }
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kLongest) {
    return fail(ErrorCode::invalid_argument,
                "the path of a unix socket has at most " + std::to_string(kLongest) + " bytes");
  }
  return UnixPath{std::string(path)};
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_unix_path(text.substr(kUnix.size()));
  if (auto parsed = parse_host_port(text)) return *std::move(parsed);
  // Other servers take `:8080` for every address of the machine. Nobody shall do that by accident.
  const bool bare_port = text.starts_with(':') && parse_host_port("h" + std::string(text));
  return fail(
      ErrorCode::invalid_argument,
      "'" + printable(text) + "' is not an address to listen on; " +
          (bare_port ? "write 127.0.0.1" + std::string(text) + " for this machine alone, [::]" +
                           std::string(text) + " for all networks"
                     : "write host:port, [v6]:port or unix:/path"));
}

std::string to_string(const ListenAddress& address) {
  if (const auto* path = std::get_if<UnixPath>(&address)) return std::string(kUnix) + path->path;
  const auto& tcp = std::get<HostPort>(address);
  const bool v6 = tcp.host.find(':') != std::string::npos;
  return (v6 ? "[" + tcp.host + "]" : tcp.host) + ":" + std::to_string(tcp.port);
}

}  // namespace rz::net
