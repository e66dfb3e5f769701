#include "rz/storage/redis_storage.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/redis_server.h"

namespace rz {
namespace {

using test::RedisServer;

constexpr const char* kAllowedUser = "rz:p%40ss";

/// The rights that redis_storage.h says are enough.
const char* const kAclUser = "user rz on >p@ss ~rz-test:* +@read +@write +@scripting +@connection";

RedisServer& shared_server() {
  static RedisServer server({.password = "admin", .unix_socket = true, .config = {kAclUser}});
  return server;
}

/// An empty database of the one server, its time the machine's.
StorageBackend redis_backend(const std::string& url) {
  REQUIRE(shared_server().command({"FLUSHALL"}).text == "OK");
  return {.open = [url]() -> std::unique_ptr<Storage> {
            return ok(RedisStorage::from_config({.url = url, .key_prefix = "rz-test:"}));
          },
          .advance = [](Millis time) { std::this_thread::sleep_for(time); },
          .exact_time = false};
}

StorageBackend tcp_backend() { return redis_backend(shared_server().url(kAllowedUser)); }
StorageBackend socket_backend() { return redis_backend(shared_server().socket_url(kAllowedUser)); }

RZ_TEST_STORAGE_CONTRACT("Redis over TCP", tcp_backend);
RZ_TEST_STORAGE_CONTRACT("Redis over a unix socket", socket_backend);

}  // namespace
}  // namespace rz
