#pragma once

#include <cstdint>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/module.h"
#include "rz/base/waiter.h"
#include "rz/net/http_client.h"
#include "rz/net/resolver.h"

namespace rz::net {

/// What the module uses of the program. It has copies of this code, which know neither the thread's
/// Waiter nor what others are looking up.
struct HttpSurroundings {
  Waiter& waiter;
  Result<SocketAddresses> (*resolve)(const std::string& host, std::uint16_t port,
                                     Deadline deadline);
};

/// The module's part of HttpClient.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual void prepare(const HttpRequest& request) = 0;
  virtual Result<HttpResponse> send(const HttpRequest& request,
                                    const HttpSurroundings& surroundings) = 0;
};

}  // namespace rz::net

/// Nullptr if libcurl cannot be initialized. The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::net::HttpExchange* rz_make_http_exchange();

namespace rz::net {

inline constexpr Module<decltype(rz_make_http_exchange)> kHttpModule{
    "http", "rz_make_http_exchange", "libcurl4 libssl3"};

}  // namespace rz::net
