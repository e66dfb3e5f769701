#include "rz/bench/http/load_request.h"

#include <algorithm>
#include <numeric>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/url.h"

namespace rz::bench {
namespace {

tl::unexpected<Error> wrong_request(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

bool has_header(const LoadHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return equals_ignore_case(header.first, name); });
}

/// The headers of a request, without those that only HTTP/1.1 has: what the user gives goes before
/// what rz would send.
LoadHeaders headers_of(const LoadOptions& options, const LoadEndpoint& endpoint) {
  LoadHeaders headers = endpoint.headers;
  for (const auto& header : options.headers) {
    if (!has_header(endpoint.headers, header.first)) headers.push_back(header);
  }
  if (!has_header(headers, "user-agent")) {
    headers.emplace_back("User-Agent", std::string("rz-bench/") + RZ_VERSION);
  }
  const bool wants_body =
      endpoint.method == "POST" || endpoint.method == "PUT" || endpoint.method == "PATCH";
  if (wants_body || !endpoint.body.empty()) {
    headers.emplace_back("Content-Length", std::to_string(endpoint.body.size()));
  }
  return headers;
}

LoadRequest make_request(const LoadOptions& options, const LoadTarget& target,
                         const LoadEndpoint& endpoint) {
  LoadRequest request;
  request.name = endpoint.name.empty()
                     ? endpoint.method + " " + endpoint.path.substr(0, endpoint.path.find('?'))
                     : endpoint.name;
  request.is_head = endpoint.method == "HEAD";
  request.body = endpoint.body;
  const LoadHeaders headers = headers_of(options, endpoint);
  std::string host = target.authority;
  for (const auto& [name, value] : headers) {
    if (equals_ignore_case(name, "host")) host = value;
  }
  request.fields = {{":method", endpoint.method},
                    {":scheme", target.tls ? "https" : "http"},
                    {":authority", host},
                    {":path", endpoint.path}};
  request.bytes = endpoint.method + " " + endpoint.path + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& [name, value] : headers) {
    if (equals_ignore_case(name, "host")) continue;
    request.bytes.append(name).append(": ").append(value).append("\r\n");
    request.fields.emplace_back(to_lower(name), value);
  }
  if (!options.keep_alive) request.bytes += "Connection: close\r\n";
  request.bytes += "\r\n" + endpoint.body;
  return request;
}

}  // namespace

Result<LoadTarget> parse_load_target(std::string_view url) {
  if (!net::is_http_url(url)) {
    return wrong_request(
        "not a URL that can be put under load; write it like http://127.0.0.1:8080/");
  }
  LoadTarget target;
  target.tls = to_lower(url[4]) == 's';
  std::string_view rest = url.substr(target.tls ? 8 : 7);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return wrong_request(
        "a URL with a user or a password is not taken; give them as a header, Authorization: …");
  }
  const std::uint16_t usual = target.tls ? 443 : 80;
  auto place = net::parse_host_port(authority);
  if (!place) place = net::parse_host_port(std::string(authority) + ":" + std::to_string(usual));
  if (!place) return wrong_request("the host or the port of the URL cannot be read");
  target.host = place->host;
  target.port = place->port;
  const bool is_v6 = target.host.find(':') != std::string::npos;
  // A zone, as in fe80::1%eth0, is this machine's own name of an interface.
  const std::string host = target.host.substr(0, target.host.find('%'));
  target.authority = is_v6 ? "[" + host + "]" : host;
  if (target.port != usual) target.authority += ":" + std::to_string(target.port);
  rest = rest.substr(end);
  target.path = rest.substr(0, rest.find('#'));
  if (!target.path.starts_with('/')) target.path.insert(0, 1, '/');
  if (!is_visible_ascii(target.path)) {
    return wrong_request("the path of the URL has bytes that must be percent-encoded, as %C3%A4");
  }
  return target;
}

Result<std::pair<std::string, std::string>> parse_header(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = trim(line.substr(0, colon));
  if (colon == line.size() || !is_token(name)) {
    return wrong_request("not a header; write it like 'Accept: text/plain'");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7F';
  });
  if (!clean) {
    return wrong_request("the value of the header '" + std::string(name) +
                         "' has control characters, which no header may have");
  }
  for (const std::string_view own :
       {"connection", "content-length", "transfer-encoding", "expect", "te", "upgrade"}) {
    if (equals_ignore_case(name, own)) {
      return wrong_request("the header '" + std::string(name) +
                           "' is rz's own, since it decides how requests and answers end");
    }
  }
  return std::pair{std::string(name), std::string(value)};
}

Result<void> check_endpoint(const LoadEndpoint& endpoint) {
  if (!is_token(endpoint.method) || endpoint.method == "CONNECT") {
    return wrong_request("'" + printable(endpoint.method) +
                         "' is not a method that can be sent; use GET, HEAD, POST, PUT, PATCH, "
                         "DELETE or OPTIONS");
  }
  if (!endpoint.path.starts_with('/') || !is_visible_ascii(endpoint.path) ||
      endpoint.path.find('#') != std::string::npos) {
    return wrong_request(
        "the path must begin with / and be percent-encoded, as /caf%C3%A9?n=1, without a #");
  }
  return {};
}

Result<std::vector<LoadRequest>> make_load_requests(const LoadOptions& options,
                                                    const LoadTarget& target) {
  if (options.endpoints.empty()) {
    LoadEndpoint whole;
    whole.path = target.path;
    return std::vector{make_request(options, target, whole)};
  }
  std::vector<LoadRequest> requests;
  for (const LoadEndpoint& endpoint : options.endpoints) {
    if (target.path != "/" && endpoint.path != target.path) {
      return wrong_request("the URL has a path, and so have the endpoints; name it there only");
    }
    TRY(check_endpoint(endpoint));
    requests.push_back(make_request(options, target, endpoint));
  }
  return requests;
}

std::vector<std::uint16_t> weighted_order(const std::vector<int>& weights) {
  int divisor = 0;
  for (const int weight : weights) divisor = std::gcd(divisor, weight);
  std::vector<int> credit(weights.size());
  const int total = std::accumulate(weights.begin(), weights.end(), 0);
  std::vector<std::uint16_t> order;
  for (int i = 0; i < total / divisor; ++i) {
    for (std::size_t k = 0; k < weights.size(); ++k) credit[k] += weights[k];
    const auto most = std::max_element(credit.begin(), credit.end());
    *most -= total;
    order.push_back(static_cast<std::uint16_t>(most - credit.begin()));
  }
  return order;
}

}  // namespace rz::bench
