#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "rz/base/try.h"
#include "rz/net/openssl_context.h"
#include "rz/net/openssl_transport.h"
#include "rz/net/tls_module.h"

namespace rz::net {
namespace {

class OpensslClient final : public TlsClient {
 public:
  OpensslClient(ContextPtr context, TlsOptions options)
      : context_(std::move(context)), options_(std::move(options)) {}

  Result<std::unique_ptr<TlsTransport>> wrap(std::unique_ptr<Transport> plain,
                                             const std::string& host, Deadline deadline) override {
    const std::string& name = options_.server_name.empty() ? host : options_.server_name;
    auto transport = std::make_unique<OpensslTransport>(context_.get(), std::move(plain));
    if (auto done = transport->shake_hands(name, options_.verify, deadline); !done) {
      return fail(std::move(done).error());
    }
    return transport;
  }

 private:
  const ContextPtr context_;
  const TlsOptions options_;
};

Result<std::unique_ptr<TlsClient>> make_client(const TlsOptions& options) {
  TRY_ASSIGN(ContextPtr context, make_client_context(options));
  return std::make_unique<OpensslClient>(std::move(context), options);
}

}  // namespace
}  // namespace rz::net

extern "C" rz::net::TlsClient* rz_make_tls_client(const rz::TlsOptions& options, rz::Error& error) {
  ::ERR_clear_error();
  auto client = rz::net::make_client(options);
  ::ERR_clear_error();
  if (client) return client->release();
  error = std::move(client).error();
  return nullptr;
}
