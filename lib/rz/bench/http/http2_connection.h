#pragma once

#include <memory>

#include "rz/base/result.h"
#include "rz/bench/http/load_connection.h"

namespace rz::bench {

/// A connection of HTTP/2, for as many requests at the same time as the options say and the server
/// allows. Loads nghttp2. Errors: unavailable.
Result<std::unique_ptr<LoadConnection>> make_http2_connection(LoadHost& host);

}  // namespace rz::bench
