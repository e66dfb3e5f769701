#include "rz/server/http_server.h"

#include "rz/base/try.h"
#include "rz/server/socket_server.h"

namespace rz::server {

Result<std::unique_ptr<HttpServer>> make_http_server(std::vector<Listener> listeners,
                                                     const HttpLimits& limits,
                                                     RequestHandler& handler) {
  auto server = std::make_unique<SocketServer>(std::move(listeners), limits, handler);
  TRY(server->start());
  return server;
}

}  // namespace rz::server
