#include "rz/net/http_client.h"

#include "rz/base/module.h"

namespace rz {

Result<std::unique_ptr<HttpClient>> make_http_client() {
  auto symbol = module_symbol("http", "rz_make_http_client");
  if (!symbol) return fail(std::move(symbol).error());
  auto* make = reinterpret_cast<HttpClient* (*)()>(*symbol);
  std::unique_ptr<HttpClient> client(make());
  if (!client) return fail(ErrorCode::unavailable, "libcurl cannot be initialized");
  return client;
}

}  // namespace rz
