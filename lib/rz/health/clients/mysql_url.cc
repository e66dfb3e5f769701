#include "rz/health/clients/mysql_url.h"

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

tl::unexpected<Error> wrong() {
  return fail_own_side(ErrorCode::invalid_argument,
                       "is not the URL of a server; write it like mysql://user@host:3306/db");
}

Result<void> decode_part(std::string_view text, std::string& into) {
  auto decoded = percent_decode(text);
  if (!decoded || decoded->find('\0') != std::string::npos) return wrong();
  into = *std::move(decoded);
  return {};
}

Result<void> read_authority(std::string_view text, MysqlUrl& url) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view info = text.substr(0, at);
    const std::size_t colon = info.find(':');
    TRY(decode_part(info.substr(0, colon), url.user));
    if (colon != std::string_view::npos) TRY(decode_part(info.substr(colon + 1), url.password));
    text.remove_prefix(at + 1);
  }
  if (text.empty()) return {};
  const bool bare = text.front() == '[' ? text.back() == ']' : text.find(':') == text.npos;
  const auto address = net::parse_host_port(std::string(text) + (bare ? ":3306" : ""));
  if (!address) return wrong();
  url.host = address->host;
  url.port = address->port;
  return {};
}

}  // namespace

Result<MysqlUrl> parse_mysql_url(std::string_view text) {
  MysqlUrl url;
  const std::size_t scheme = text.find("://");
  const std::string name = to_lower(text.substr(0, scheme));
  if (scheme == std::string_view::npos || (name != "mysql" && name != "mariadb")) return wrong();
  std::string_view rest = text.substr(scheme + 3);
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos) {
    constexpr std::string_view kSocket = "socket=";
    const std::string_view option = rest.substr(query + 1);
    if (!option.starts_with(kSocket) || option.find('&') != option.npos) return wrong();
    TRY(decode_part(option.substr(kSocket.size()), url.socket));
    rest = rest.substr(0, query);
  }
  const std::size_t slash = rest.find('/');
  TRY(read_authority(rest.substr(0, slash), url));
  if (slash != std::string_view::npos) TRY(decode_part(rest.substr(slash + 1), url.database));
  if (url.host.empty() == url.socket.empty()) return wrong();
  return url;
}

}  // namespace rz::health
