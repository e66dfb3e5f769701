// The module `http`: HttpClient on libcurl, one easy handle for each call.

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "rz/base/text.h"
#include "rz/net/curl_error.h"
#include "rz/net/curl_options.h"
#include "rz/net/curl_ptr.h"
#include "rz/net/curl_transfer.h"
#include "rz/net/curl_trust.h"
#include "rz/net/http_module.h"
#include "rz/net/url.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

// libcurl limits a line of the header, and only newer ones the number of lines.
constexpr std::size_t kMaxHeaderBytes = 256 * 1024;

/// What libcurl's callbacks fill.
struct Transfer {
  HttpResponse response{};
  std::size_t max_body = 0;
  std::size_t header_bytes = 0;
  /// Whether the empty line after the header has come. libcurl takes a connection that is closed
  /// before it for a whole answer.
  bool header_ended = false;
  bool cut = false;      ///< Ended by us at max_body.
  std::string length{};  ///< What the header says of the body's; empty: nothing.
  /// Two parties that read such an answer would see different ones, so nobody should read it: RFC
  /// 9112, section 6.3. Empty: its length is right, or it has none.
  std::string wrong_length{};
  /// How long the first lines of answers came after the begin of their requests, together.
  steady_clock::duration answered{};
  steady_clock::time_point asked_at{};  ///< When that began which is not answered yet.
  bool is_provisional = false;          ///< What comes is `100 Continue` or the like.
};

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit) && parse_int(text);
}

/// Takes one Content-Length, or several with commas between them.
void take_length(std::string_view value, Transfer& transfer) {
  for (std::string_view each : split(value, ',')) {
    each = trim(each);
    if (!is_number(each)) {
      transfer.wrong_length = "the length of the answer (Content-Length) is not a valid number";
    } else if (transfer.length.empty()) {
      transfer.length = each;
    } else if (transfer.length != each) {
      transfer.wrong_length = "the answer has two lengths (Content-Length " + transfer.length +
                              " and " + std::string(each) + ")";
    }
  }
}

// Whether it begins a provisional answer, as `HTTP/1.1 100 Continue`.
bool is_provisional(std::string_view status_line) {
  const std::size_t blank = status_line.find(' ');
  return blank != std::string_view::npos && status_line.substr(blank + 1).starts_with('1');
}

// The callbacks are noexcept since nothing may be thrown through libcurl.
std::size_t take_header(char* data, std::size_t, std::size_t size, void* user) noexcept {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.header_bytes += size;
  if (transfer.header_bytes > kMaxHeaderBytes) return 0;
  auto& headers = transfer.response.headers;
  const std::string_view line = trim({data, size});
  if (line.starts_with("HTTP/")) {
    headers.clear();  // The earlier ones belong to a redirect or to `100 Continue`.
    transfer.length.clear();
    transfer.header_ended = false;
    transfer.is_provisional = is_provisional(line);
    if (!transfer.is_provisional) transfer.answered += steady_clock::now() - transfer.asked_at;
  } else if (data[0] == '\r' || data[0] == '\n') {
    transfer.header_ended = true;
    // By a redirect, if any more comes.
    if (!transfer.is_provisional) transfer.asked_at = steady_clock::now();
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    if (headers.back().first == "content-length") take_length(headers.back().second, transfer);
  }
  return transfer.wrong_length.empty() ? size : 0;
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) noexcept {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string& body = transfer.response.body;
  const std::size_t kept = std::min(size, transfer.max_body - body.size());
  body.append(data, kept);
  transfer.cut = kept < size;
  return kept;  // Less than `size` ends the transfer.
}

// `127.0.0.1` or `[::1]`, as libcurl reads it.
std::string text_of(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    return ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  return "[" + std::string(::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size())) + "]";
}

bool is_wanted(const SocketAddress& address, IpVersion ip) {
  const auto family = address.storage.ss_family;
  return (family == AF_INET && ip != IpVersion::v6) || (family == AF_INET6 && ip != IpVersion::v4);
}

// Whether libcurl knows the address without asking anybody, or knows better how to ask for it: an
// international name is written in another way for that.
bool is_left_to_libcurl(const std::string& host) {
  const std::string name = to_lower(host);
  const bool ascii = std::all_of(host.begin(), host.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return host.empty() || !ascii || name == "localhost" || name.ends_with(".localhost") ||
         is_literal_address(host);
}

/// The addresses of whom the request is sent to, looked up before, since libcurl would take a
/// thread for each name. Names that redirects lead to are left to it. Errors: those of
/// HttpClient::send.
Result<CurlPtr<curl_slist>> look_up_peer(const HttpRequest& request, const HttpPeer& peer,
                                         const HttpSurroundings& surroundings, Deadline end) {
  CurlPtr<curl_slist> list;
  if (is_left_to_libcurl(peer.host)) return list;
  const auto found = surroundings.resolve(peer.host, 0, end);
  if (!found && found.error().code == ErrorCode::timeout) return fail(name_service_silent(request));
  const char* whose = request.proxy.empty() ? "host" : "proxy host";
  if (!found) {
    Error error = found.error();
    if (!error.own_side) error.message = std::string("no such ") + whose;
    error.own_side = error.own_side || !request.proxy.empty();
    error.where = redacted_url(request.url);
    return fail(std::move(error));
  }
  std::string addresses;
  for (const SocketAddress& address : *found) {
    if (!is_wanted(address, request.ip)) continue;
    addresses += (addresses.empty() ? "" : ",") + text_of(address);
  }
  if (addresses.empty()) {
    return fail(Error{ErrorCode::unavailable,
                      std::string("the ") + whose + " has no IPv" +
                          (request.ip == IpVersion::v4 ? "4" : "6") + " address",
                      redacted_url(request.url), !request.proxy.empty()});
  }
  append(list, (peer.host + ":" + std::to_string(peer.port) + ":" + addresses).c_str());
  return list;
}

/// What stands for the URL and where to connect, if the name for TLS is another than the URL's
/// host.
struct Renamed {
  std::string url;
  CurlPtr<curl_slist> connect_to;
};

Renamed named_for_tls(const HttpRequest& request, const HttpPeer& peer) {
  const CurlPtr<CURLU> url(curl_url());
  char* text = nullptr;
  curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0);
  curl_url_set(url.get(), CURLUPART_HOST, request.tls.server_name.c_str(), 0);
  if (curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return {request.url, nullptr};
  const CurlPtr<char> owned(text);
  const bool v6 = peer.host.find(':') != std::string::npos;
  const std::string port = std::to_string(peer.port);
  Renamed renamed{text, nullptr};
  append(renamed.connect_to, (request.tls.server_name + ":" + port + ":" + (v6 ? "[" : "") +
                              peer.host + (v6 ? "]" : "") + ":" + port)
                                 .c_str());
  return renamed;
}

Micros time_until(CURL* easy, CURLINFO what) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, what, &microseconds);
  return Micros{microseconds};
}

// Where a body is sent, libcurl takes the begin of that for the first byte of the answer.
Phases phases_of(CURL* easy, const Transfer& transfer, bool has_body) {
  const Micros name = time_until(easy, CURLINFO_NAMELOOKUP_TIME_T);
  const Micros connected = time_until(easy, CURLINFO_CONNECT_TIME_T);
  const Micros secured = time_until(easy, CURLINFO_APPCONNECT_TIME_T);
  const Micros asked = time_until(easy, CURLINFO_PRETRANSFER_TIME_T);
  const Micros answered = has_body ? std::chrono::duration_cast<Micros>(transfer.answered)
                                   : time_until(easy, CURLINFO_STARTTRANSFER_TIME_T);
  const auto between = [](Micros from, Micros to) { return std::max(Micros{0}, to - from); };
  return {name, between(name, connected), between(connected, secured), between(asked, answered)};
}

std::string version_of(CURL* easy) {
  long version = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  switch (version) {
    case CURL_HTTP_VERSION_1_0: return "1.0";
    case CURL_HTTP_VERSION_1_1: return "1.1";
    case CURL_HTTP_VERSION_2_0: return "2";
    case CURL_HTTP_VERSION_3: return "3";
    default: return {};
  }
}

// The time in a line of libcurl's, as `Nov 26 23:32:40 2027 GMT`.
TimePoint time_of(std::string_view text) {
  return TimePoint{std::chrono::seconds{curl_getdate(std::string(text).c_str(), nullptr)}};
}

PeerCertificate certificate_of(const curl_slist* lines) {
  PeerCertificate certificate;
  for (const curl_slist* at = lines; at != nullptr; at = at->next) {
    const std::string_view line = at->data;
    const std::size_t colon = std::min(line.find(':'), line.size() - 1);
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (name == "Subject") certificate.subject = printable(value);
    if (name == "Issuer") certificate.issuer = printable(value);
    if (name == "Start date") certificate.not_before = time_of(value);
    if (name == "Expire date") certificate.not_after = time_of(value);
  }
  return certificate;
}

std::vector<PeerCertificate> certificates_of(CURL* easy) {
  std::vector<PeerCertificate> certificates;
  curl_certinfo* chain = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain);
  for (int i = 0; chain != nullptr && i < chain->num_of_certs; ++i) {
    certificates.push_back(certificate_of(chain->certinfo[i]));
  }
  return certificates;
}

void set_callbacks(CURL* easy, Transfer& transfer, char* detail) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
}

HttpResponse response_of(CURL* easy, Transfer& transfer, const HttpRequest& request) {
  HttpResponse response = std::move(transfer.response);
  long status = 0;
  long redirects = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  response.status = static_cast<int>(status);
  response.redirects = static_cast<int>(redirects);
  response.body_cut = transfer.cut;
  response.version = version_of(easy);
  response.phases = phases_of(easy, transfer, !request.body.empty());
  if (request.certificates) response.certificates = certificates_of(easy);
  return response;
}

/// One request, whose host has been looked up.
class CurlRequest {
 public:
  CurlRequest(const HttpRequest& request, const HttpSurroundings& surroundings, Deadline end)
      : request_(request),
        surroundings_(surroundings),
        end_(end),
        easy_(curl_easy_init()),
        headers_(header_list(request)),
        transfer_{.max_body = request.max_body} {}

  Result<HttpResponse> send(const std::optional<HttpPeer>& peer, CurlPtr<curl_slist> addresses,
                            Millis left) {
    if (!easy_ || !headers_) return fail(ErrorCode::internal, "out of memory");
    set_options(easy_.get(), request_, trust_);
    set_callbacks(easy_.get(), transfer_, detail_.data());
    curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(easy_.get(), CURLOPT_RESOLVE, addresses.get());
    Renamed renamed;
    if (!request_.tls.server_name.empty() && peer && request_.proxy.empty()) {
      renamed = named_for_tls(request_, *peer);
      curl_easy_setopt(easy_.get(), CURLOPT_URL, renamed.url.c_str());
      curl_easy_setopt(easy_.get(), CURLOPT_CONNECT_TO, renamed.connect_to.get());
    }
    transfer_.asked_at = steady_clock::now();
    // libcurl ends it by itself; a moment later it is given up.
    CURLcode code =
        CurlTransfer(surroundings_.waiter).perform(easy_.get(), end_ + std::chrono::seconds{1});
    if (!transfer_.wrong_length.empty()) {
      return fail(ErrorCode::unavailable, transfer_.wrong_length, redacted_url(request_.url));
    }
    if (code == CURLE_OK && !transfer_.header_ended) code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK || transfer_.cut) return response_of(easy_.get(), transfer_, request_);
    const CurlFailure failure{easy_.get(), code, detail_.data(), trust_.problem};
    return fail(translate_curl_error(failure, request_, surroundings_, end_));
  }

 private:
  const HttpRequest& request_;
  const HttpSurroundings& surroundings_;
  const Deadline end_;
  const CurlPtr<CURL> easy_;
  const CurlPtr<curl_slist> headers_;
  Transfer transfer_;
  CurlTrust trust_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

class CurlHttpExchange final : public HttpExchange {
 public:
  void prepare(const HttpRequest& request) override {
    if (may_use_tls(request)) read_authorities(request.tls);
  }

  Result<HttpResponse> send(const HttpRequest& request,
                            const HttpSurroundings& surroundings) override {
    if (auto error = find_error(request)) return fail(*std::move(error));
    if (request.timeout <= Millis{0}) {  // To libcurl, 0 is for ever.
      return fail_own_side(ErrorCode::timeout, "no time is left to ask", redacted_url(request.url));
    }
    const auto start = steady_clock::now();
    const Deadline end = start + request.timeout;
    const std::optional<HttpPeer> peer = peer_of(request);
    CurlPtr<curl_slist> addresses;
    if (peer) {
      auto found = look_up_peer(request, *peer, surroundings, end);
      if (!found) return fail(std::move(found).error());
      addresses = *std::move(found);
    }
    const Micros looked_up = std::chrono::duration_cast<Micros>(steady_clock::now() - start);
    const Millis left = request.timeout - std::chrono::floor<Millis>(looked_up);
    if (left <= Millis{0}) return fail(name_service_silent(request));
    auto response = CurlRequest(request, surroundings, end).send(peer, std::move(addresses), left);
    if (!response) return response;
    response->phases.dns += looked_up;
    response->elapsed = std::chrono::duration_cast<Micros>(steady_clock::now() - start);
    return response;
  }
};

}  // namespace
}  // namespace rz::net

extern "C" rz::net::HttpExchange* rz_make_http_exchange() {
  // In some builds libcurl's initialization is not safe with several threads; that of a static is.
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  return initialized == CURLE_OK ? new rz::net::CurlHttpExchange : nullptr;
}
