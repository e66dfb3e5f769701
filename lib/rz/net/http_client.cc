#include "rz/net/http_client.h"

#include "rz/net/http_module.h"

namespace rz::net {

Result<std::unique_ptr<HttpClient>> make_http_client() {
  const auto make = load_module(kHttpModule);
  if (!make) return fail(make.error());
  std::unique_ptr<HttpClient> client((*make)());
  if (!client) return fail(ErrorCode::unavailable, "libcurl cannot be initialized");
  return client;
}

}  // namespace rz::net
