#pragma once

#include <curl/curl.h>

#include "rz/net/tls.h"

namespace rz::net {

/// Reads the authorities that `options` trust, so that set_trust() needs not.
void read_authorities(const TlsOptions& options);

/// Has `easy` trust what `options` say, and show the client's certificate. libcurl would read the
/// authorities anew for each connection; see authorities_in().
void set_trust(CURL* easy, const TlsOptions& options);

}  // namespace rz::net
