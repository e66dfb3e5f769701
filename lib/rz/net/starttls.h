#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/field_visitor.h"
#include "rz/base/result.h"
#include "rz/net/transport.h"

namespace rz::net {

/// A protocol in which a connection begins in clear text and changes to TLS when that is asked for.
enum class StartTls { none, smtp, imap, pop3, ldap, ftp, postgres, mysql };

/// Their names in a configuration.
std::span<const Choice<StartTls>> starttls_protocols();

/// Asks the server of a new connection to change to TLS, in the words of `protocol`. After it the
/// handshake of TLS must follow. Nothing happens for `none`.
/// Errors: unsupported (the server does not offer TLS, or declines), corrupt (it does not speak the
/// protocol, or has sent more than its consent, which somebody on the way may have put there),
/// unavailable, timeout.
Result<void> ask_for_tls(Transport& transport, StartTls protocol, Deadline deadline);

}  // namespace rz::net
