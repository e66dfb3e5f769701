#include "rz/net/url.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz {
namespace {

// Whether `text` is `host`, `host:port` or `[v6]:port`. A `/` in a password, which should have been
// `%2F`, makes `user:pass` look like a host; mostly this tells.
bool is_host_and_port(std::string_view text) {
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = text.find(':', host_end);
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_digit);
}

// Where what may be userinfo ends in a URL less its scheme: behind an `@`, or at 0.
std::size_t userinfo_end(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view up_to_query = rest.substr(0, rest.find_first_of("?#"));
  // rfind's npos plus one is 0.
  if (authority.find('@') != std::string_view::npos) return authority.rfind('@') + 1;
  if (!is_host_and_port(authority)) return rest.rfind('@') + 1;
  // `http://user:12/34@host`: a password, or a path on port 12.
  if (authority.find(':') != std::string_view::npos) return up_to_query.rfind('@') + 1;
  return 0;
}

}  // namespace

std::string redacted_url(std::string_view url) {
  const std::size_t mark = url.find("://");
  const bool has_scheme = mark != std::string_view::npos && url.find('@') > mark;
  const std::string_view scheme = has_scheme ? url.substr(0, mark + 3) : "";
  std::string_view rest = url.substr(scheme.size());
  rest.remove_prefix(has_scheme ? userinfo_end(rest) : rest.rfind('@') + 1);
  return std::string(scheme).append(rest.substr(0, rest.find_first_of("?#")));
}

}  // namespace rz
