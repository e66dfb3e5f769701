#include "rz/storage/redis/redis_connector.h"

#include <utility>

namespace rz::storage {

TlsOptions tls_options_of(const StorageUrl& url, const StorageOptions& options) {
  const UrlTls& given = url.tls_parameters;
  const auto first = [](const std::string& own, const std::string& other) {
    return own.empty() ? other : own;
  };
  return {.ca = first(given.ca, options.tls.ca),
          .cert = first(given.cert, options.tls.cert),
          .key = first(given.key, options.tls.key),
          .server_name = first(given.server_name, options.tls.server_name),
          .verify = given.verify.value_or(options.tls.verify)};
}

RedisOutcome<RedisConnection> RedisConnector::open(const StorageUrl& server, TryLimit limit) {
  if (!server.tls) return RedisConnection::open(server, limit, nullptr, dial_);
  const Result<net::TlsClient*> tls = tls_client();
  if (tls) return RedisConnection::open(server, limit, *tls, dial_);
  // The place is a file, and that of the failure will be the server.
  return tl::unexpected(
      RedisFailure{.error = {tls.error().code, "TLS: " + to_string(tls.error()), {}, true}});
}

Result<net::TlsClient*> RedisConnector::tls_client() {
  const std::lock_guard lock(mutex_);
  if (!tls_) {
    auto made = net::make_tls_client(options_);
    if (!made) return fail(std::move(made).error());
    tls_ = *std::move(made);
  }
  return tls_.get();
}

}  // namespace rz::storage
