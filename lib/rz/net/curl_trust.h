#pragma once

#include <curl/curl.h>

#include <string>

#include "rz/net/openssl_error.h"
#include "rz/net/tls_options.h"

namespace rz::net {

/// Reads the authorities that `options` trust, so that set_trust() needs not.
void read_authorities(const TlsOptions& options);

/// What a transfer trusts, and what was wrong with a certificate. For one transfer at a time.
struct CurlTrust {
  std::string file{};  ///< The authorities; empty: those that libcurl knows.
  CertificateProblem problem{};
};

/// Has `easy` trust what `options` say, and show the client's certificate. libcurl would read the
/// authorities anew for each connection; see authorities_in(). `trust` must outlive the transfer.
void set_trust(CURL* easy, const TlsOptions& options, CurlTrust& trust);

}  // namespace rz::net
