#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "rz/base/result.h"
#include "rz/net/tls_options.h"

namespace rz::net {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextDeleter>;

/// A context of clients with the authorities and the certificate of `options`, for TLS 1.2 or
/// newer. Errors: invalid_argument (a file that cannot be read, a key of another certificate),
/// unavailable.
Result<ContextPtr> make_client_context(const TlsOptions& options);

/// Makes `ssl` ask for `host`, a name or an address, and verify that the certificate is for it, if
/// `verify`. Errors: invalid_argument.
Result<void> name_host(SSL* ssl, const std::string& host, bool verify);

}  // namespace rz::net
