#pragma once

#include <memory>
#include <mutex>

#include "rz/net/tls.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_connection.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// TLS as the URL and the options name it together.
TlsOptions tls_options_of(const StorageUrl& url, const StorageOptions& options);

/// Opens connections to the servers of one store, which share their TLS. Thread-safe.
class RedisConnector {
 public:
  RedisConnector(const StorageUrl& url, const StorageOptions& options)
      : options_(tls_options_of(url, options)), dial_(options.dial) {}

  /// As RedisConnection::open. TLS is loaded, and its files are read, by the first server that
  /// wants it.
  RedisOutcome<RedisConnection> open(const StorageUrl& server, TryLimit limit);

 private:
  Result<net::TlsClient*> tls_client();

  const TlsOptions options_;
  const RedisDial dial_;
  std::mutex mutex_;
  std::unique_ptr<net::TlsClient> tls_;  ///< Once made, it stays.
};

}  // namespace rz::storage
