#pragma once

#include "rz/base/module.h"
#include "rz/net/tls.h"

/// Nullptr if the files of `options` cannot be used; then `error` says why. The caller owns what it
/// gets.
extern "C" [[gnu::visibility("default")]] rz::net::TlsClient* rz_make_tls_client(
    const rz::TlsOptions& options, rz::Error& error);

namespace rz::net {

inline constexpr Module<decltype(rz_make_tls_client)> kTlsModule{"tls", "rz_make_tls_client",
                                                                 "libssl3"};

}  // namespace rz::net
