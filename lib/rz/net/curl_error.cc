#include "rz/net/curl_error.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "rz/base/descriptor_limit.h"
#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/net/curl_options.h"
#include "rz/net/curl_ptr.h"
#include "rz/net/transport.h"
#include "rz/net/url.h"

namespace rz::net {
namespace {

int system_error(CURL* easy) {
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  return static_cast<int>(error);
}

std::string connect_failure(CURL* easy) {
  const int error = system_error(easy);
  // See is_own_side(). Others may have given descriptors back since.
  if (error == 0) {
    return "cannot make a socket: " +
           descriptor_shortage().value_or("too few descriptors, of which this process may have " +
                                          std::to_string(descriptor_limit()) + "; see ulimit -n");
  }
  std::string text = errno_text(error);
  text.front() = to_lower(text.front());
  return text;
}

bool is_looking_up(CURL* easy) {
  // libcurl leaves this time at 0 until the name is found.
  curl_off_t found_after = 0;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &found_after);
  return found_after == 0;
}

// The host of the last URL, which a redirect may have named; empty: there is none.
std::string effective_host(CURL* easy) {
  char* effective = nullptr;
  char* host = nullptr;
  curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &effective);
  const CurlPtr<CURLU> url(curl_url());
  if (effective == nullptr || curl_url_set(url.get(), CURLUPART_URL, effective, 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &host, CURLU_URLDECODE) != CURLUE_OK) {
    return {};
  }
  const CurlPtr<char> owned(host);
  return host;
}

// libcurl reports the same error for a host that does not exist and for a name service that does
// not answer, so the name is looked up once more. It is one that a redirect leads to: the first one
// was looked up before.
bool name_service_failed(CURL* easy, const HttpSurroundings& surroundings, Deadline end) {
  const std::string host = effective_host(easy);
  if (host.empty()) return true;
  const auto found = surroundings.resolve(host, 0, end);
  return found || found.error().own_side;
}

// Whether the request was sent, or about to be.
bool was_asked(CURL* easy) {
  curl_off_t ready_after = 0;
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_after);
  return ready_after > 0;
}

// Whether the request did not leave this machine, for reasons of its own.
bool is_own_side(CURL* easy, CURLcode code, const HttpRequest& request,
                 const HttpSurroundings& surroundings, Deadline end) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return name_service_failed(easy, surroundings, end);
    // Without a system error libcurl could not even make a socket.
    case CURLE_COULDNT_CONNECT:
      if (!request.unix_socket.empty()) return is_own_side_errno(system_error(easy));
      return !request.proxy.empty() || system_error(easy) == 0 ||
             is_own_side_errno(system_error(easy));
    case CURLE_OPERATION_TIMEDOUT: return is_looking_up(easy);
    case CURLE_OUT_OF_MEMORY: return !was_asked(easy);
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
    case CURLE_INTERFACE_FAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE: return true;
    default: return false;
  }
}

// Whether the server had to speak HTTP/2 without being asked first.
bool needs_http2(const HttpRequest& request) {
  return request.version == HttpVersion::http2 && !request.url.starts_with("https:");
}

// Without the call that failed, as `nghttp2_session_mem_recv() returned -904:` before the reason.
std::string_view without_call(std::string_view detail) {
  const std::size_t call = detail.find("() returned ");
  const std::size_t colon = detail.find(':', std::min(call, detail.size()));
  return colon == std::string_view::npos ? detail : trim(detail.substr(colon + 1));
}

// The reason at the end of `HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)`.
std::string_view last_part(std::string_view detail) {
  const std::size_t colon = detail.rfind(": ");
  return colon == std::string_view::npos ? detail : detail.substr(colon + 2);
}

const char* broken_exchange(CURL* easy, CURLcode code) {
  // Without an error of the system, libcurl could not read what came.
  const bool damaged = code == CURLE_RECV_ERROR && system_error(easy) == 0;
  return damaged ? "the answer is damaged" : "the connection broke";
}

std::string tls_failure(CURLcode code, const HttpRequest& request) {
  if (code == CURLE_SSL_CONNECT_ERROR) return "the TLS handshake failed";
  if (code == CURLE_SSL_CERTPROBLEM) return "cannot use the client's certificate";
  if (request.tls.ca.empty()) return "cannot read the CA certificates; install ca-certificates";
  return "cannot read the CA certificates in " + request.tls.ca;
}

// The error of OpenSSL in libcurl's text, as in `OpenSSL/3.0: error:0A00010B:SSL routines::…`; 0:
// there is none.
unsigned long openssl_code_in(std::string_view detail) {
  constexpr std::string_view kBefore = "error:";
  const std::size_t at = detail.find(kBefore);
  if (at == std::string_view::npos) return 0;
  unsigned long code = 0;
  const char* begin = detail.data() + at + kBefore.size();
  std::from_chars(begin, detail.data() + detail.size(), code, 16);
  return code;
}

// What went wrong between the two ends of TLS, in the words of the other checks; nothing: it was
// something else.
std::optional<Error> tls_error(const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      if (failure.problem.reason != 0) return translate_openssl_error(0, failure.problem);
      if (failure.problem.names.empty()) return std::nullopt;
      // libcurl compares the names itself.
      return Error{ErrorCode::auth, other_host(failure.problem, effective_host(failure.easy)), {}};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (const unsigned long code = openssl_code_in(failure.detail)) {
        return translate_openssl_error(code, failure.problem);
      }
      return std::nullopt;
    default: return std::nullopt;
  }
}

// Whether the connection was closed before there was anything of an answer.
bool is_closed_by_peer(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  const int error = system_error(easy);
  return status == 0 && (error == EPIPE || error == ECONNRESET);
}

// How an exchange in HTTP/2 ended; nothing: it was something else.
std::optional<Error> http2_error(const CurlFailure& failure, const HttpRequest& request) {
  switch (failure.code) {
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      // The server closed while libcurl was busy with the connection.
      if (!is_closed_by_peer(failure.easy)) return std::nullopt;
      [[fallthrough]];
    case CURLE_GOT_NOTHING:
      if (!needs_http2(request)) return std::nullopt;
      return Error{ErrorCode::corrupt,
                   "the server closed the connection without an answer in HTTP/2, which it must "
                   "speak in clear text here",
                   {}};
    case CURLE_HTTP2:
      return Error{ErrorCode::unavailable,
                   "the server has ended the HTTP/2 connection without an answer",
                   {}};
    case CURLE_HTTP2_STREAM:
      return Error{ErrorCode::unavailable,
                   "the server has broken off its answer (HTTP/2): " +
                       std::string(last_part(failure.detail)),
                   {}};
    default: return std::nullopt;
  }
}

// `detail` is libcurl's own text. For the codes that show it here it names a host at most, never a
// whole URL, which may hold secrets.
Error message_of(const CurlFailure& failure, const HttpRequest& request) {
  CURL* const easy = failure.easy;
  const CURLcode code = failure.code;
  const char* const detail = failure.detail;
  for (auto error : {tls_error(failure), http2_error(failure, request)}) {
    if (!error) continue;
    error->where = redacted_url(request.url);
    return *std::move(error);
  }
  const auto error = [&](ErrorCode kind, std::string message) {
    return Error{kind, std::move(message), redacted_url(request.url)};
  };
  const auto with_detail = [&](std::string message) {
    const std::string_view reason = without_call(detail);
    return reason.empty() ? message : message + ": " + std::string(reason);
  };
  const auto unavailable = ErrorCode::unavailable;
  long redirects = 0;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return error(unavailable, "no such host");
    case CURLE_COULDNT_RESOLVE_PROXY: return error(unavailable, "no such proxy host");
    case CURLE_COULDNT_CONNECT:
      return error(unavailable,
                   (request.proxy.empty() ? "" : "the proxy: ") + connect_failure(easy));
    case CURLE_OPERATION_TIMEDOUT:
      return error(ErrorCode::timeout, "no answer within " + format_duration(request.timeout) +
                                           (is_looking_up(easy) ? " from the name service" : ""));
    case CURLE_GOT_NOTHING:
      return error(unavailable, "the server closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return error(unavailable, "the server closed the connection before the end of its answer");
    case CURLE_TOO_MANY_REDIRECTS:
      return error(unavailable, "more than " + std::to_string(kMaxRedirects) + " redirects");
    case CURLE_URL_MALFORMAT:  // The first URL was parsed before; this is that of a redirect.
    case CURLE_UNSUPPORTED_PROTOCOL:
      return error(unavailable, redirects > 0
                                    ? "redirected to an address that is not an http or https URL"
                                    : "the answer is not HTTP");
    case CURLE_WEIRD_SERVER_REPLY: return error(unavailable, "the answer is not HTTP");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CRL_BADFILE:
      return error(ErrorCode::auth, with_detail("the server's certificate does not verify"));
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM: return error(unavailable, with_detail(tls_failure(code, request)));
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return error(unavailable, with_detail(broken_exchange(easy, code)));
    case CURLE_WRITE_ERROR:  // Of our own: see take_header().
      return error(unavailable, "the header of the answer is too long");
    case CURLE_OUT_OF_MEMORY:
      // libcurl says the same of a line of the answer's header that is longer than it takes.
      if (was_asked(easy)) return error(unavailable, "the header of the answer is too long");
      return error(ErrorCode::internal, "out of memory");
    default: return error(unavailable, curl_easy_strerror(code));
  }
}

}  // namespace

Error translate_curl_error(const CurlFailure& failure, const HttpRequest& request,
                           const HttpSurroundings& surroundings, Deadline end) {
  Error error = message_of(failure, request);
  error.own_side = is_own_side(failure.easy, failure.code, request, surroundings, end);
  return error;
}

Error name_service_silent(const HttpRequest& request) {
  return {ErrorCode::timeout,
          "no answer within " + format_duration(request.timeout) + " from the name service",
          redacted_url(request.url), /*own_side=*/true};
}

}  // namespace rz::net
