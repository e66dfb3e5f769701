#pragma once

#include <curl/curl.h>

#include "rz/net/tls.h"

namespace rz::net {

/// Has `easy` trust what `options` say, and show the client's certificate.
///
/// libcurl reads the authorities anew for each connection, which takes OpenSSL 10 ms and more for
/// those of the system. They are read once here, and again when the file has changed.
void set_trust(CURL* easy, const TlsOptions& options);

}  // namespace rz::net
