#include "rz/net/tls_stream.h"

#include <utility>

#include "rz/net/tls_stream_module.h"

namespace rz::net {

Result<std::unique_ptr<TlsStreams>> make_tls_streams(const TlsOptions& options,
                                                     const std::string& host,
                                                     const std::vector<std::string>& protocols) {
  const auto make = load_module(kTlsStreamModule);
  if (!make) return fail(make.error());
  Error error;
  std::unique_ptr<TlsStreams> streams((*make)(options, host, protocols, error));
  if (!streams) return fail(std::move(error));
  return streams;
}

}  // namespace rz::net
