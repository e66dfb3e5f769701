#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/phases.h"
#include "rz/net/tls.h"

namespace rz::net {

enum class HttpVersion {
  any,    ///< HTTP/2 over TLS where the server offers it, else HTTP/1.1.
  http1,  ///< HTTP/1.1.
  http2,  ///< HTTP/2; over clear text without asking first. A server with TLS may choose HTTP/1.1.
};

enum class IpVersion { any, v4, v6 };

struct HttpRequest {
  std::string url;  ///< http or https.
  std::string method = "GET";
  /// Sent as they are. A body has no Content-Type unless one is given here.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};                  ///< Not sent with HEAD.
  Millis timeout{5'000};               ///< Of all of it: name, connection, TLS, redirects, body.
  bool follow_redirects = false;       ///< At most ten; only to http and https; keeps cookies.
  std::string proxy{};                 ///< The http URL of a proxy to ask through; empty: none.
  std::size_t max_body = 1024 * 1024;  ///< Bytes kept; the transfer ends there without an error.
  std::string user{};                  ///< For basic authentication; empty: none.
  std::string password{};              ///< Neither is sent to another host by a redirect.
  std::string bearer_token{};          ///< As `Authorization: Bearer`; as little sent on.
  TlsOptions tls{};                    ///< `server_name` takes the place of the URL's host in TLS.
  std::string
      unix_socket{};  ///< The path of one to connect to; empty: the URL's host or the proxy.
  IpVersion ip = IpVersion::any;
  HttpVersion version = HttpVersion::any;
  bool certificates = false;  ///< Fills HttpResponse::certificates.
};

struct HttpResponse {
  int status = 0;
  /// Of the last response, in its order, its trailers at the end. Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Micros elapsed{0};
  bool body_cut = false;  ///< There was more than max_body.
  Phases phases{};
  std::string version{};  ///< `1.0`, `1.1`, `2`.
  int redirects = 0;
  std::vector<PeerCertificate> certificates{};  ///< What the server has sent, its own first.
};

/// Sends one request over a connection of its own. Thread-safe: calls run side by side. Waits
/// through the Waiter of its thread. Any status is a response.
/// Errors: invalid_argument (a bad URL, method or header), unavailable (no such host, refused,
/// reset, no HTTP), timeout, auth (TLS: the certificate does not verify). Error::own_side where the
/// request did not leave this machine, or not the proxy. No error holds the userinfo or the query
/// of a URL.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Reads the files that send() needs for `request`, which keeps them for the next time. Optional:
  /// it keeps the time of that from being the server's.
  virtual void prepare(const HttpRequest&) {}
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

/// The client on libcurl, which is loaded by the first call. The proxy variables of the environment
/// are not used: a proxy would answer in place of a service that is gone, and a cron job and a
/// person's shell would see different things.
/// Errors: unavailable.
Result<std::unique_ptr<HttpClient>> make_http_client();

}  // namespace rz::net
