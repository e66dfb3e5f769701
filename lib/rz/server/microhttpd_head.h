#pragma once

#include <microhttpd.h>

#include <string>
#include <string_view>

namespace rz::server {

/// Why the head of a request is refused although libmicrohttpd takes it: a proxy before this server
/// may have seen another request in it, which ends elsewhere, and what it holds to be the rest
/// would be served as a request of somebody else (RFC 9112, 6.1, 6.3 and 11.2). Empty: it is not.
/// `version`: of its first line, such as `HTTP/1.1`.
std::string doubt_of_head(MHD_Connection* connection, std::string_view version);

}  // namespace rz::server
