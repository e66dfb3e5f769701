#include "rz/net/tls.h"

#include <utility>

#include "rz/base/module.h"

namespace rz {

Result<std::unique_ptr<TlsClient>> make_tls_client(const TlsOptions& options) {
  auto symbol = module_symbol("tls", "rz_make_tls_client");
  if (!symbol) return fail(std::move(symbol).error());
  auto* make = reinterpret_cast<TlsClient* (*)(const TlsOptions&, Error&)>(*symbol);
  Error error;
  std::unique_ptr<TlsClient> client(make(options, error));
  if (!client) return fail(std::move(error));
  return client;
}

}  // namespace rz
