#include "rz/storage/storage_schemes.h"

#include <algorithm>
#include <utility>

#include "rz/storage/memory_storage.h"
#include "rz/storage/redis/redis_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"

namespace rz::storage {
namespace {

using Kind = StorageUrl::Kind;
using Opened = Result<std::unique_ptr<Storage>>;

Opened open_memory(const StorageUrl&, const StorageOptions&, Clock& clock) {
  return std::make_unique<MemoryStorage>(clock);
}

Opened open_sqlite(const StorageUrl& url, const StorageOptions& options, Clock& clock) {
  return open_sqlite_storage(url.path, options, clock);
}

Opened open_redis(const StorageUrl&, const StorageOptions& options, Clock& clock) {
  return RedisStorage::from_config(options, clock);
}

// To add a scheme is to add its row here.
constexpr StorageScheme kSchemes[] = {
    {"memory", Kind::memory, false, 0,
     "memory:", "memory:", "The memory of one command: it is gone when that ends.", open_memory},
    {"sqlite", Kind::sqlite, false, 0, "sqlite:PATH", "sqlite:/var/lib/rz/rz.db",
     "A file of this machine.", open_sqlite},
    {"redis", Kind::redis, false, 6379, "redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]",
     "redis://localhost:6379/0", "A Redis server.", open_redis},
    {"rediss", Kind::redis, true, 6379, "rediss://[USER[:PASSWORD]@]HOST[:PORT][/DB]",
     "rediss://redis.internal?ca=/etc/ssl/ca.pem", "A Redis server over TLS.", open_redis},
    {"redis+unix", Kind::redis_unix, false, 0, "redis+unix://[USER[:PASSWORD]@]/PATH[?db=N]",
     "redis+unix:///run/redis/redis.sock", "A Redis server of this machine, by its socket.",
     open_redis},
    {"redis+sentinel", Kind::redis_sentinel, false, 26379,
     "redis+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB]", "redis+sentinel://s1:26379,s2:26379/main",
     "The master that Redis sentinels name.", open_redis},
    {"rediss+sentinel", Kind::redis_sentinel, true, 26379,
     "rediss+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB]",
     "rediss+sentinel://s1:26379,s2:26379/main", "The same over TLS.", open_redis},
    {"redis+cluster", Kind::redis_cluster, false, 6379, "redis+cluster://HOST:PORT,HOST:PORT",
     "redis+cluster://c1:6379,c2:6379", "A Redis Cluster, of which some nodes are named.",
     open_redis},
    {"rediss+cluster", Kind::redis_cluster, true, 6379, "rediss+cluster://HOST:PORT,HOST:PORT",
     "rediss+cluster://c1:6379,c2:6379", "The same over TLS.", open_redis},
};

}  // namespace

std::span<const StorageScheme> storage_schemes() { return kSchemes; }

const StorageScheme& scheme_of(const StorageUrl& url) {
  return *std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const StorageScheme& scheme) {
    return scheme.kind == url.kind && scheme.tls == url.tls;
  });
}

}  // namespace rz::storage
