#include "rz/net/tls.h"

#include <utility>

#include "rz/net/tls_module.h"

namespace rz::net {

Result<std::unique_ptr<TlsClient>> make_tls_client(const TlsOptions& options) {
  const auto make = load_module(kTlsModule);
  if (!make) return fail(make.error());
  Error error;
  std::unique_ptr<TlsClient> client((*make)(options, error));
  if (!client) return fail(std::move(error));
  return client;
}

}  // namespace rz::net
