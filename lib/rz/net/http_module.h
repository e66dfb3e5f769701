#pragma once

#include "rz/base/module.h"
#include "rz/net/http_client.h"

/// Nullptr if libcurl cannot be initialized. The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::net::HttpClient* rz_make_http_client();

namespace rz::net {

inline constexpr Module<decltype(rz_make_http_client)> kHttpModule{"http", "rz_make_http_client",
                                                                   "libcurl4"};

}  // namespace rz::net
