// The module `http`: HttpClient on libcurl, one easy handle for each call.

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/net/http_module.h"
#include "rz/net/transport.h"
#include "rz/net/url.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

constexpr long kMaxRedirects = 10;
constexpr const char* kProtocols = "http,https";

struct CurlDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
template <class T>
using CurlPtr = std::unique_ptr<T, CurlDeleter>;

/// What libcurl's callbacks fill.
struct Transfer {
  HttpResponse response{};
  std::size_t max_body = 0;
  bool cut = false;  ///< Ended by us at max_body.
};

// The callbacks are noexcept since nothing may be thrown through libcurl.
std::size_t take_header(char* data, std::size_t, std::size_t size, void* user) noexcept {
  auto& response = static_cast<Transfer*>(user)->response;
  const std::string_view line = trim({data, size});
  if (line.starts_with("HTTP/")) {
    response.headers.clear();  // The earlier ones belong to a redirect or to `100 Continue`.
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    response.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return size;
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) noexcept {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string& body = transfer.response.body;
  const std::size_t kept = std::min(size, transfer.max_body - body.size());
  body.append(data, kept);
  transfer.cut = kept < size;
  return kept;  // Less than `size` ends the transfer.
}

// A token of RFC 9110, section 5.6.2: what a method or a header's name may be.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// A URL that libcurl cannot parse would fail only in the transfer, with a message that does not say
// how to write it.
bool is_right_url(const std::string& url) {
  const CurlPtr<CURLU> parsed(curl_url());
  return is_http_url(url) && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

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
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return error("the header '" + header + "' holds a line break or a NUL byte");
    }
  }
  return std::nullopt;
}

CurlPtr<curl_slist> header_list(const HttpRequest& request) {
  CurlPtr<curl_slist> list;
  const auto add = [&list](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  // A header without a value after the colon tells libcurl to leave out one that it adds by itself:
  // a form's Content-Type for any body, and Expect, with a second of waiting for `100 Continue`
  // before a large body.
  add("Content-Type:");
  add("Expect:");
  for (const auto& [name, value] : request.headers) {
    // libcurl sends a header with an empty value only if it is written with a semicolon.
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  return list;
}

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

void set_options(CURL* easy, const HttpRequest& request, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.follow_redirects ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
  // Empty: none, whatever the environment says.
  curl_easy_setopt(easy, CURLOPT_PROXY, request.proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "rz/" RZ_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  // NOSIGNAL: signals are not safe in a program with threads. QUICK_EXIT: at a timeout libcurl does
  // not wait for its thread that is asking a dead name server, which would hold this call for half
  // a minute.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  set_method(easy, request);
}

int system_error(CURL* easy) {
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  return static_cast<int>(error);
}

std::string connect_failure(CURL* easy) {
  const int error = system_error(easy);
  if (error == 0) return "cannot connect";
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

// libcurl reports the same error for a host that does not exist and for a name service that does
// not answer, so the name is looked up once more.
bool name_service_failed(const HttpRequest& request, Deadline deadline) {
  const CurlPtr<CURLU> url(curl_url());
  char* host = nullptr;
  if (curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &host, CURLU_URLDECODE) != CURLUE_OK) {
    return true;
  }
  const std::unique_ptr<char, decltype(&curl_free)> owned(host, &curl_free);
  const auto found = find_host(host, deadline);
  return found || found.error().own_side;
}

// Whether the request was sent, or about to be.
bool was_asked(CURL* easy) {
  curl_off_t ready_after = 0;
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_after);
  return ready_after > 0;
}

// Whether the request did not leave this machine, for reasons of its own.
bool is_own_side(CURL* easy, CURLcode code, const HttpRequest& request, Deadline deadline) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return name_service_failed(request, deadline);
    // Without a system error libcurl could not even make a socket.
    case CURLE_COULDNT_CONNECT:
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

// `detail` is libcurl's own text. For the codes that show it here it names a host at most, never a
// whole URL, which may hold secrets.
Error translate(CURL* easy, CURLcode code, const HttpRequest& request, const char* detail) {
  const auto error = [&](ErrorCode kind, std::string message) {
    return Error{kind, std::move(message), redacted_url(request.url)};
  };
  const auto with_detail = [&](std::string message) {
    return *detail == '\0' ? message : message + ": " + detail;
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
      return error(unavailable, "cannot read the CA certificates; install ca-certificates");
    case CURLE_SSL_CONNECT_ERROR:
      return error(unavailable, with_detail("the TLS handshake failed"));
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return error(unavailable, with_detail("the connection broke"));
    case CURLE_OUT_OF_MEMORY:
      // libcurl says the same of a line of the answer's header that is longer than it takes.
      if (was_asked(easy)) return error(unavailable, "the header of the answer is too long");
      return error(ErrorCode::internal, "out of memory");
    default: return error(unavailable, curl_easy_strerror(code));
  }
}

class CurlHttpClient final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    if (auto error = find_error(request)) return fail(*std::move(error));
    if (request.timeout <= Millis{0}) {  // To libcurl, 0 is for ever.
      return fail_own_side(ErrorCode::timeout, "no time is left to ask", redacted_url(request.url));
    }
    const auto start = steady_clock::now();
    const CurlPtr<CURL> easy(curl_easy_init());
    const CurlPtr<curl_slist> headers = header_list(request);
    if (!easy || !headers) return fail(ErrorCode::internal, "out of memory");
    Transfer transfer{.max_body = request.max_body};
    char detail[CURL_ERROR_SIZE] = "";
    set_options(easy.get(), request, transfer);
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK && !transfer.cut) {
      Error error = translate(easy.get(), code, request, detail);
      error.own_side = is_own_side(easy.get(), code, request, start + request.timeout);
      return fail(std::move(error));
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    transfer.response.elapsed = std::chrono::duration_cast<Micros>(steady_clock::now() - start);
    return std::move(transfer.response);
  }
};

}  // namespace
}  // namespace rz::net

extern "C" rz::net::HttpClient* rz_make_http_client() {
  // In some builds libcurl's initialization is not safe with several threads; that of a static is.
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  return initialized == CURLE_OK ? new rz::net::CurlHttpClient : nullptr;
}
