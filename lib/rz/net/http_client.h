#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::net {

struct HttpRequest {
  std::string url;  ///< http or https.
  std::string method = "GET";
  /// Sent as they are. A body has no Content-Type unless one is given here.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};             ///< Not sent with HEAD.
  Millis timeout{5'000};          ///< Of all of it: name, connection, TLS, redirects, body.
  bool follow_redirects = false;  ///< At most ten; only to http and https.
  std::string unix_socket{};  ///< The path of a socket to connect to in place of the URL's host.
  std::string proxy{};        ///< The http URL of a proxy to ask through; empty: none.
  std::size_t max_body = 1024 * 1024;  ///< Bytes kept; the transfer ends there without an error.
};

struct HttpResponse {
  int status = 0;
  /// Of the last response, in its order. Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Micros elapsed{0};
};

/// Sends one request over a connection of its own. Thread-safe: calls run side by side. Any status
/// is a response.
/// Errors: invalid_argument (a bad URL, method or header), unavailable (no such host, refused,
/// reset, no HTTP), timeout, auth (TLS: the certificate does not verify). Error::own_side where the
/// request did not leave this machine, or not the proxy. No error holds the userinfo or the query
/// of a URL.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

/// The client on libcurl, which is loaded by the first call. The proxy variables of the environment
/// are not used: a proxy would answer in place of a service that is gone, and a cron job and a
/// person's shell would see different things.
/// Errors: unavailable.
Result<std::unique_ptr<HttpClient>> make_http_client();

}  // namespace rz::net
