#pragma once

#include <cstddef>
#include <vector>

#include "rz/base/module.h"
#include "rz/bench/http/http2_session.h"

/// Nullptr if there is no memory. `listener` and `requests` outlive it. The caller owns what it
/// gets.
extern "C" [[gnu::visibility("default")]] rz::bench::Http2Session* rz_make_http2_session(
    rz::bench::Http2Listener& listener, const std::vector<rz::bench::LoadRequest>& requests,
    std::size_t slots);

namespace rz::bench {

inline constexpr Module<decltype(rz_make_http2_session)> kHttp2Module{
    "http2", "rz_make_http2_session", "libnghttp2-14"};

}  // namespace rz::bench
