#pragma once

#include <openssl/ssl.h>

#include <string>

#include "rz/net/tls.h"

namespace rz::net {

PeerCertificate describe(const X509* certificate);

/// What `ssl`, after its handshake, has agreed on with `host`, a name or an address.
TlsSession read_session(SSL* ssl, const std::string& host);

}  // namespace rz::net
