#include "rz/server/http_server.h"

#include "rz/base/try.h"
#include "rz/server/microhttpd_module.h"

namespace rz::server {

Result<std::unique_ptr<HttpServer>> make_http_server(std::vector<Listener> listeners,
                                                     const HttpLimits& limits,
                                                     RequestHandler& handler) {
  TRY_ASSIGN(auto* const make, load_module(kMicrohttpdModule));
  Error error;
  std::unique_ptr<HttpServer> server(make(listeners, limits, handler, error));
  if (!server) return fail(std::move(error));
  return server;
}

}  // namespace rz::server
