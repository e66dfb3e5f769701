#pragma once

#include <optional>
#include <string>

#include "rz/base/result.h"
#include "rz/net/curl_ptr.h"
#include "rz/net/curl_trust.h"
#include "rz/net/http_client.h"

namespace rz::net {

inline constexpr long kMaxRedirects = 10;

/// Why `request` cannot be sent; nothing if it can.
std::optional<Error> find_error(const HttpRequest& request);

/// The lines of its header. Errors: nullptr, out of memory.
CurlPtr<curl_slist> header_list(const HttpRequest& request);

/// Everything of `request` but its header, its time limit and where the answer goes. `request` and
/// `trust` must outlive the transfer.
void set_options(CURL* easy, const HttpRequest& request, CurlTrust& trust);

/// Whether it may meet TLS, also where a redirect leads to.
bool may_use_tls(const HttpRequest& request);

/// Whom a request is sent to.
struct HttpPeer {
  std::string host;  ///< An IPv6 address without brackets.
  long port = 0;
};

/// The proxy, or the host of the URL; nothing if there is none, or a unix socket takes its place.
std::optional<HttpPeer> peer_of(const HttpRequest& request);

}  // namespace rz::net
