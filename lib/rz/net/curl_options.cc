#include "rz/net/curl_options.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/net/curl_trust.h"
#include "rz/net/url.h"

namespace rz::net {
namespace {

constexpr const char* kProtocols = "http,https";

// A token of RFC 9110, section 5.6.2: what a method or a header's name may be.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// A URL that libcurl cannot parse would fail only in the transfer, with a message that does not say
// how to write it.
bool is_right_url(const std::string& url) {
  const CurlPtr<CURLU> parsed(curl_url());
  return is_http_url(url) && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  return CurlPtr<char>(text).get();
}

bool has_header(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return equals_ignore_case(header.first, name); });
}

bool is_https(const std::string& url) { return to_lower(url.substr(0, 6)) == "https:"; }

void set_method(CURL* easy, const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool post = request.method == "POST";
  if (post || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  // Named only where it must be: libcurl would keep a named method after a 303, which asks for GET.
  if (!post && (request.method != "GET" || !request.body.empty())) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

// Neither goes to another host that a redirect names, as a header of ours might.
void set_login(CURL* easy, const HttpRequest& request) {
  if (!request.bearer_token.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, request.bearer_token.c_str());
  } else if (!request.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request.password.c_str());
  }
}

void set_versions(CURL* easy, const HttpRequest& request) {
  if (request.version == HttpVersion::http1) {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  } else if (request.version == HttpVersion::http2) {
    curl_easy_setopt(
        easy, CURLOPT_HTTP_VERSION,
        is_https(request.url) ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
  }
  if (request.ip == IpVersion::any) return;
  curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
                   request.ip == IpVersion::v4 ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_V6);
}

}  // namespace

std::optional<Error> find_error(const HttpRequest& request) {
  const auto error = [&](std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message), redacted_url(request.url)};
  };
  if (!is_right_url(request.url)) {
    return error("not a URL of http or https; write it like http://host:8080/health");
  }
  if (!is_token(request.method))
    return error("'" + request.method + "' is not a valid HTTP method");
  for (const auto& [header, value] : request.headers) {
    if (!is_token(header)) return error("'" + header + "' is not a valid name of an HTTP header");
    // The value itself may be a secret.
    if (breaks_line(value)) {
      return error("the header '" + header + "' holds a line break or a NUL byte");
    }
  }
  if (breaks_line(request.bearer_token)) return error("the token holds a line break or a NUL byte");
  const TlsOptions& tls = request.tls;
  for (const std::string* path : {&tls.ca, &tls.cert, &tls.key}) {
    if (path->empty() || ::access(path->c_str(), R_OK) == 0) continue;
    return Error{ErrorCode::invalid_argument, "cannot read: " + errno_text(errno), *path};
  }
  return std::nullopt;
}

CurlPtr<curl_slist> header_list(const HttpRequest& request) {
  CurlPtr<curl_slist> list;
  // A header without a value after the colon tells libcurl to leave out one that it adds by itself:
  // a form's Content-Type for any body, and Expect, with a second of waiting for `100 Continue`
  // before a large body.
  append(list, "Content-Type:");
  append(list, "Expect:");
  for (const auto& [name, value] : request.headers) {
    // libcurl sends a header with an empty value only if it is written with a semicolon.
    append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  // The URL that libcurl is given then names tls.server_name.
  if (!request.tls.server_name.empty() && !has_header(request, "host")) {
    const CurlPtr<CURLU> url(curl_url());
    curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0);
    const std::string port = part_of(url.get(), CURLUPART_PORT);
    append(
        list,
        ("Host: " + part_of(url.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port)).c_str());
  }
  return list;
}

bool may_use_tls(const HttpRequest& request) {
  return is_https(request.url) || request.follow_redirects;
}

void set_options(CURL* easy, const HttpRequest& request, CurlTrust& trust) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.follow_redirects ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
  // Cookies are kept in memory, for this request.
  if (request.follow_redirects) curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
  // Empty: none, whatever the environment says.
  curl_easy_setopt(easy, CURLOPT_PROXY, request.unix_socket.empty() ? request.proxy.c_str() : "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "rz/" RZ_VERSION);
  // NOSIGNAL: signals are not safe in a program with threads. QUICK_EXIT: at a timeout libcurl does
  // not wait for its thread that is asking a dead name server, which would hold this call for half
  // a minute.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  if (request.certificates) curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
  set_method(easy, request);
  set_login(easy, request);
  set_versions(easy, request);
  // As the checks that speak TLS themselves do.
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (may_use_tls(request)) set_trust(easy, request.tls, trust);
}

std::optional<HttpPeer> peer_of(const HttpRequest& request) {
  if (!request.unix_socket.empty()) return std::nullopt;
  const CurlPtr<CURLU> url(curl_url());
  const std::string& text = request.proxy.empty() ? request.url : request.proxy;
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  HttpPeer peer{part_of(url.get(), CURLUPART_HOST), 0};
  if (peer.host.starts_with('[')) peer.host = peer.host.substr(1, peer.host.size() - 2);
  // What libcurl takes for a proxy's port where none is given.
  constexpr std::int64_t kProxyPort = 1080;
  const bool own_default = !request.proxy.empty() && !is_https(request.proxy);
  const std::string port = part_of(url.get(), CURLUPART_PORT, own_default ? 0 : CURLU_DEFAULT_PORT);
  peer.port = static_cast<long>(parse_int(port).value_or(kProxyPort));
  return peer;
}

}  // namespace rz::net
