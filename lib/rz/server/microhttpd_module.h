#pragma once

#include <vector>

#include "rz/base/module.h"
#include "rz/server/http_server.h"

/// Nullptr if there can be no server; then `error` says why. The caller owns what it gets, and
/// `listeners` are taken. `handler` must outlive it.
extern "C" [[gnu::visibility("default")]] rz::server::HttpServer* rz_make_http_server(
    std::vector<rz::server::Listener>& listeners, const rz::server::HttpLimits& limits,
    rz::server::RequestHandler& handler, rz::Error& error);

namespace rz::server {

inline constexpr Module<decltype(rz_make_http_server)> kMicrohttpdModule{
    "microhttpd", "rz_make_http_server", "libmicrohttpd12"};

}  // namespace rz::server
