#pragma once

#include <string>
#include <vector>

#include "rz/base/module.h"
#include "rz/net/tls_stream.h"

/// Nullptr if the files of `options` cannot be used; then `error` says why. The caller owns what it
/// gets.
extern "C" [[gnu::visibility("default")]] rz::net::TlsStreams* rz_make_tls_streams(
    const rz::TlsOptions& options, const std::string& host,
    const std::vector<std::string>& protocols, rz::Error& error);

namespace rz::net {

inline constexpr Module<decltype(rz_make_tls_streams)> kTlsStreamModule{
    "tls-stream", "rz_make_tls_streams", "libssl3"};

}  // namespace rz::net
