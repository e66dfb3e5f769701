#pragma once

#include <string>
#include <string_view>

#include "rz/base/field_visitor.h"
#include "rz/net/tls_options.h"

namespace rz::net {

/// The key of `field`, a host and a port, as parse_host_port reads them. Its example is quoted
/// where the value is wrong.
bool visit_address(FieldVisitor& fields, const Field& field, std::string& address);

/// The keys ca, cert, key, server_name and verify. `unverified` is warned of where verify is off;
/// empty: nothing is.
void visit_tls(FieldVisitor& fields, TlsOptions& options, std::string_view unverified);

/// Whether one of `options` differs from its default, so that somebody counts on TLS.
bool asks_for_tls(const TlsOptions& options);

}  // namespace rz::net
